// The two mapping calls alone: the change from JSON text to form fields, the answer from JSON text to JSON text. Usage:
//   node mapping.mjs CHANGE.json NATIVE.json SECONDS
// One JSON object on standard output: what was made, and how long one iteration took.
import { readFile } from 'node:fs/promises';
import { mapRequest, mapResponse } from './expressions.mjs';

const [, , changeFile, nativeFile, seconds] = process.argv;
const change = await readFile(changeFile, 'utf8');
const native = await readFile(nativeFile, 'utf8');
const BATCH = 500;

async function once() {
  const fields = await mapRequest(JSON.parse(change));
  // The native object is the gateway's to add, not the mapping's.
  const { remote_data: _, ...unified } = await mapResponse(JSON.parse(native));
  return [fields, JSON.stringify(unified)];
}

async function during(seconds) {
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const end = start + BigInt(Math.round(seconds * 1e9));
  let iterations = 0;
  let now = start;
  while (now < end) {
    for (let i = 0; i < BATCH; i++) await once();
    iterations += BATCH;
    now = process.hrtime.bigint();
  }
  const { user, system } = process.cpuUsage(cpu);
  return { iterations, us: Number(now - start) / 1000 / iterations, cpu_us: (user + system) / iterations };
}

await during(1);
const measured = await during(Number(seconds));
const [fields, unified] = await once();
console.log(JSON.stringify({ ...measured, fields, unified: JSON.parse(unified) }));
