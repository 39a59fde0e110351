// The self-test in Node: node selftest_node.mjs, in the folder that scripts/platforms has made: dinghy.mjs, models/.
import { readdir, readFile } from "node:fs/promises";

import createDinghy from "./dinghy.mjs";
import { selftest } from "./selftest.mjs";

const models = new URL("models/", import.meta.url);
const right = await selftest(createDinghy, await readdir(models), (name) => readFile(new URL(name, models)), console.log);
process.exitCode = right ? 0 : 1;
