/** What those who speak through the client need of the vocabulary: the command line has no other way to it. */
export { MAX_JSON_BYTES, parseJson } from '../approval/canonical-json.ts';
export { parseEnvelope } from '../approval/dsse.ts';
export { AssentError } from '../approval/error.ts';
export { generateSigningKey } from '../approval/keys.ts';
export { statementSchemas } from '../approval/schemas.ts';
export type {
  Digest,
  Json,
  JsonObject,
  RequestStatement,
  StatementByKind,
  StatementKind,
  Timestamp,
} from '../approval/types.ts';
export { readConfiguration } from '../approval/yaml.ts';
export { type Fault, faultText } from '../approval/yaml-fault.ts';
