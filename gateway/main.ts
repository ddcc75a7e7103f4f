/** Starts the gateway: `node gateway/main.ts gateway`. */
import { runPart } from '../activities/process/run-part.ts';

process.exit(await runPart({ gateway: () => import('./start.ts') }, process.argv[2] ?? 'gateway'));
