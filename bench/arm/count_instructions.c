// A plugin of qemu: how often each block of instructions ran. At exit a line for each block, to the file that the
// variable DINGHY_COUNTS names: its address, its instructions, its runs.
//
// qemu's header is in no package of Debian; these are the few declarations of it (its plugin API, version 1).
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct qemu_plugin_tb;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb* block);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* block, int add_u64, void* to, uint64_t number);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*translated)(uint64_t, struct qemu_plugin_tb*));
void qemu_plugin_register_atexit_cb(uint64_t id, void (*at_exit)(uint64_t, void*), void* data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

struct Block {
  uint64_t address, instructions, runs;
  struct Block* next;
};
static struct Block* blocks;

static void translated(uint64_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  struct Block* const block = calloc(1, sizeof *block);
  if (block == NULL) abort();
  block->address = qemu_plugin_tb_vaddr(tb);
  block->instructions = qemu_plugin_tb_n_insns(tb);
  block->next = blocks;
  blocks = block;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, 0, &block->runs, 1);
}

static void at_exit(uint64_t id, void* data) {
  (void)id, (void)data;
  const char* const name = getenv("DINGHY_COUNTS");
  FILE* const file = name == NULL ? stderr : fopen(name, "w");
  if (file == NULL) abort();
  for (const struct Block* b = blocks; b != NULL; b = b->next) {
    fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->address, b->instructions, b->runs);
  }
  if (file != stderr) fclose(file);
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void* info, int argc, char** argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, at_exit, NULL);
  return 0;
}
