import type { TenantScope } from '../../contracts/tenant.ts';
import type { Row } from './answer.ts';
import type { PinotClient } from './client.ts';
import { storedNull, literal, textLiteral } from './stored-text.ts';
import { type TableKind, tableName } from './tables.ts';

/** A question of one tenant's rows. Its texts come from `stored-text.ts`, its numbers from `wholeMs`. */
export interface TenantQuestion {
  readonly select: string;
  /** Conditions that hold together, beside the tenant's. */
  readonly where: readonly string[];
  /** GROUP BY, ORDER BY and LIMIT; a question without LIMIT would get ten rows. */
  readonly rest: string;
}

/**
 * The only way from a reader to Pinot: the condition on the tenant is put here, in front of all others, which are
 * set in brackets, so that no reader can leave it out or reach past it with an OR.
 */
export class TenantRows {
  readonly #client: PinotClient;
  readonly #prefix: string;

  constructor(client: PinotClient, prefix: string) {
    this.#client = client;
    this.#prefix = prefix;
  }

  of(scope: TenantScope, table: TableKind, { select, where, rest }: TenantQuestion): Promise<readonly Row[]> {
    const conditions = [`tenant_id = ${textLiteral(scope.tenantId)}`, ...where.map((one) => `(${one})`)];
    return this.#ask(table, select, conditions, rest);
  }

  /** The rows of all tenants: for whoever compares stores, never for a reader with a scope. */
  ofAllTenants(table: TableKind, { select, where, rest }: TenantQuestion): Promise<readonly Row[]> {
    const conditions = [`tenant_id <> ${literal(storedNull)}`, ...where.map((one) => `(${one})`)];
    return this.#ask(table, select, conditions, rest);
  }

  #ask(table: TableKind, select: string, where: readonly string[], rest: string): Promise<readonly Row[]> {
    const from = tableName(this.#prefix, table);
    return this.#client.query(`SELECT ${select} FROM ${from} WHERE ${where.join(' AND ')} ${rest}`);
  }
}
