// Preloaded into an engine whose libraries patch_cpuid.py has gone through: answers their CPUID instructions, which
// have become UD2, without AVX-512, AVX-VNNI and AMX. The processor here then is the AVX2 machine that it could be.
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

// Bits of CPUID's leaf 7 (Intel SDM volume 2A, table 3-8).
static const unsigned kEbx = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
static const unsigned kEcx = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
static const unsigned kEdx = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;
static const unsigned kEaxOfSubleaf1 = 1u << 4 | 1u << 5;

static void answer(int number, siginfo_t* info, void* context) {
  (void)info;
  greg_t* const registers = ((ucontext_t*)context)->uc_mcontext.gregs;
  const unsigned char* const code = (const unsigned char*)registers[REG_RIP];
  if (code[0] != 0x0f || code[1] != 0x0b) {  // someone else's illegal instruction
    signal(number, SIG_DFL);
    return;
  }
  const unsigned leaf = (unsigned)registers[REG_RAX], subleaf = (unsigned)registers[REG_RCX];
  unsigned eax, ebx, ecx, edx;
  __cpuid_count(leaf, subleaf, eax, ebx, ecx, edx);
  if (leaf == 7 && subleaf == 0) {
    ebx &= ~kEbx;
    ecx &= ~kEcx;
    edx &= ~kEdx;
  }
  if (leaf == 7 && subleaf == 1) eax &= ~kEaxOfSubleaf1;
  registers[REG_RAX] = eax;
  registers[REG_RBX] = ebx;
  registers[REG_RCX] = ecx;
  registers[REG_RDX] = edx;
  registers[REG_RIP] += 2;
}

__attribute__((constructor)) static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = answer;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGILL, &action, NULL);
}
