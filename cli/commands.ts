/** All commands, by the words that name them. */
import { approve } from './approve.ts';
import { breakGlass } from './break-glass.ts';
import { defer } from './defer.ts';
import { delegate } from './delegate.ts';
import { delegated } from './delegations.ts';
import { deny } from './deny.ts';
import { freeze } from './freeze.ts';
import { frozen } from './freezes.ts';
import { keyNew } from './key-new.ts';
import { list } from './list.ts';
import { policy } from './policy.ts';
import { request } from './request.ts';
import { review } from './review.ts';
import { revoke } from './revoke.ts';
import { settle } from './settle.ts';
import { show } from './show.ts';
import type { Terminal } from './terminal.ts';
import { unfreeze } from './unfreeze.ts';
import { group, type Word } from './usage.ts';
import { withdraw } from './withdraw.ts';

export function commandsOf(terminal: Terminal): Word {
  return group(
    { name: 'assent', description: 'No action of an agent runs without assent' },
    {
      request: request(terminal),
      withdraw: withdraw(terminal),
      list: list(terminal),
      show: show(terminal),
      approve: approve(terminal),
      deny: deny(terminal),
      defer: defer(terminal),
      settle: settle(terminal),
      revoke: revoke(terminal),
      'break-glass': breakGlass(terminal),
      review: review(terminal),
      freeze: freeze(terminal),
      unfreeze: unfreeze(terminal),
      freezes: frozen(terminal),
      delegate: delegate(terminal),
      delegations: delegated(terminal),
      policy: policy(terminal),
      key: group(
        { name: 'assent key', description: 'Keys that statements are signed with: new' },
        { new: keyNew() },
      ),
    },
  );
}
