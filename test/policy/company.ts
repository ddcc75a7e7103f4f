/** A directory and a policy that use all there is, for the tests of what POLICY and DIRECTORY leave out. */
import { type Guard, guardOf } from '../../policy/guard.ts';
import { key } from './material.ts';

export const COMPANY = `people:
  ana: {name: Ana Castro, slack: {team: T0001, user: U0001}, keys: [${key('ana')}]}
  ben:
    name: Ben Okafor
    teams: {tenant: 72f988bf-86f1-41af-91ab-2d7cd011db47, id: 48d31887-5fad-4d73-a9f5-3c356e68a038}
    github: {id: 583231, login: ben-okafor}
  cid: {name: Cid Moreau, keys: [${key('cid')}, ${key('cid')}]}
  dia: {name: Dia Roy}
  eli: {name: Eli Ost, away: [{from: 2026-03-02, until: 2026-03-06, zone: Europe/Oslo, to: fia}]}
  fia: {name: Fia Lind}
  mia: {name: Mia Holm}
  olaf: {name: Olaf Berg}
groups:
  leads: [ana, ben]
  security: [cid, dia]
  board: [eli, leads]
  ops: [fia, olaf]
agents:
  robot:
    keys: [${key('robot')}]
    owners: [olaf]
    acts_for: [mia, leads]
  cron:
    keys: [${key('cron')}]
    owners: [ops]
`;

export const RULES = `version: 1
operators: [ops]
break_glass: {from: [security], review: {from: [board]}}
rules:
  - id: many-rows
    match: {action: sql.execute, when: resource.database == "crm" && preview.rows > 1000}
    effect: require_approval
    approvals:
      - {from: [leads]}
      - any_of:
          - {from: [security], count: 2}
          - {from: [board]}
    order: sequential
    exclude: [dia]
    timeout: 2h
    remind_after: 20m
    escalation:
      - {add: [eli]}
      - {after: 90m, notify: [ops]}
    denials: 2
    require: [reason, typed, intent]
    grant_ttl: 10m
    not_before: 2026-03-02T08:00:00+01:00
    windows:
      - {days: [mon, tue], from: "08:00", to: "16:00", zone: Europe/Oslo}
    closed:
      - {from: 2026-12-20, to: 2026-12-27, zone: Europe/Oslo, reason: Christmas}
    limits: {count: 5, per: 10m}
    slack: 10
    risk: high
    channel: C0123
  - id: few-rows
    match: {action: sql.execute, when: resource.database == "crm"}
    effect: allow
    require: [trigger]
    limits: {count: 100, per: 1h}
  - id: rest
    match: {action: "**"}
    effect: deny
`;

export function company(policy: string = RULES, directory: string = COMPANY): Guard {
  return guardOf({ policy, directory }, { policy: 'policy.yaml', directory: 'directory.yaml' });
}
