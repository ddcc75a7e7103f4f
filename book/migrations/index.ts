/** Every migration by name, in the order in which they run: imported, so that a compiled package has them too. */
import type { Migration } from 'kysely/migration';
import { book } from './0001-book.ts';
import { gateway } from './0002-gateway.ts';
import { records } from './0003-records.ts';
import { leases } from './0004-leases.ts';
import { house } from './0005-house.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001_book': book,
  '0002_gateway': gateway,
  '0003_records': records,
  '0004_leases': leases,
  '0005_house': house,
};
