#!/usr/bin/env node
/** `assent …`: the only place that ends the process. */
import { asker } from './ask.ts';
import { run } from './run.ts';

// Whoever read the output has seen enough of it (`assent list | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  columns: process.stdout.columns ?? 80,
  colors: process.stdout.isTTY === true,
  input: process.stdin,
  output: (text) => process.stdout.write(text),
  aside: (text) => process.stderr.write(text),
  now: Date.now,
  ask:
    process.stdin.isTTY === true && process.stderr.isTTY === true
      ? asker(process.stdin, process.stderr)
      : null,
});
