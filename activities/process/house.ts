/** What every process loads first: a judge that follows its files, and the key that its own word is signed with. */
import type { Logger } from 'pino';
import { AssentError } from '../../approval/error.ts';
import { readSigningKey, type SigningKey, type VerifierKey } from '../../approval/keys.ts';
import { createJudge, type HouseJudge, type JudgeDeps } from '../../audit/judge.ts';
import { type JudgeFiles, loadLasting } from '../../audit/load-judge.ts';
import type { GuardFiles } from '../../policy/guard.ts';
import { watchGuard } from '../../policy/watch.ts';

/** The judge as of now: policy and directory are read again as soon as their files change. */
export interface LiveJudge {
  judge(): HouseJudge;
  close(): void;
}

/** Between two looks: a change is in force after the second that finds it, within a second; a broken one never is. */
const RELOAD_MS = 250;

/** @throws AssentError for whatever is wrong with a file, with its place */
export async function watchJudge(files: JudgeFiles, log: Logger): Promise<LiveJudge> {
  const { ASSENT_POLICY: policy, ASSENT_DIRECTORY: directory } = files;
  return liveJudge({ ...(await loadLasting(files)), files: { policy, directory }, log });
}

export interface LiveJudgeOptions extends Pick<JudgeDeps, 'trust' | 'registry'> {
  readonly files: GuardFiles;
  readonly log: Logger;
}

/** @throws AssentError as `loadGuard` does */
export async function liveJudge({ trust, registry, files, log }: LiveJudgeOptions): Promise<LiveJudge> {
  const watched = await watchGuard(files, {
    intervalMs: RELOAD_MS,
    onError: (error) =>
      log.error({ err: error }, 'policy or directory is broken; the ones before it stay in force'),
    onChange: ({ policy, directory }) =>
      log.info(
        { policy: policy.digest, directory: directory.digest },
        'policy and directory were read again',
      ),
  });
  let guard = watched.current();
  let judge = createJudge({ trust, guard, registry });
  return {
    judge: () => {
      if (guard !== watched.current()) {
        guard = watched.current();
        judge = createJudge({ trust, guard, registry });
      }
      return judge;
    },
    close: watched.close,
  };
}

/**
 * Reads a process's own key and finds it among those that trust.yaml names for its role: a process whose word
 * counts nowhere does not start.
 *
 * @throws AssentError those of {@link readSigningKey}, `key_not_trusted`
 */
export async function loadTrustedKey(file: string, trusted: readonly VerifierKey[]): Promise<SigningKey> {
  for (const { name, text } of trusted) {
    const key = await readSigningKey(file, name);
    if (key.verifier.text === text) return key;
  }
  throw new AssentError(
    'key_not_trusted',
    `The key in ${file} is none of those that trust.yaml names for this role.`,
  );
}
