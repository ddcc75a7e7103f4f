/** Headless Chromium, the one installed on the machine, for screenshots and clicks in the local Slack's page. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { AssentError } from '../approval/error.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Close it with `close()`. @throws {AssentError} `browser_unavailable` when the machine has no Chromium. */
export async function startBrowser(env: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  const executablePath = await findBrowser(env);
  // Signals are the stack's to handle: playwright would end the process before the other parts have stopped.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  return await chromium.launch({ executablePath, args, ...signals });
}

async function findBrowser(env: NodeJS.ProcessEnv): Promise<string> {
  const folders = ['/usr/bin', ...(env.PATH ?? '').split(delimiter)];
  const candidates = env.CHROMIUM
    ? [env.CHROMIUM]
    : names.flatMap((name) => folders.map((at) => join(at, name)));
  for (const path of candidates) {
    if (await isExecutable(path)) return path;
  }
  throw new AssentError(
    'browser_unavailable',
    env.CHROMIUM
      ? `CHROMIUM names ${env.CHROMIUM}, which can't be executed.`
      : 'No Chromium was found. Install it (Debian, Ubuntu: apt-get install chromium) or set CHROMIUM to its path.',
  );
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
