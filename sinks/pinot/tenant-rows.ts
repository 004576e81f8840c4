import type { TenantScope } from '../../contracts/tenant.ts';
import type { AnswerTable, Row } from './answer.ts';
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

  async of(scope: TenantScope, table: TableKind, question: TenantQuestion): Promise<readonly Row[]> {
    return (await this.table(scope, table, question)).rows;
  }

  /** The same, with what the columns are; the plan of the question where `explain`. */
  table(
    scope: TenantScope,
    table: TableKind,
    { select, where, rest }: TenantQuestion,
    { explain = false }: { readonly explain?: boolean } = {},
  ): Promise<AnswerTable> {
    const conditions = [`tenant_id = ${textLiteral(scope.tenantId)}`, ...where.map((one) => `(${one})`)];
    return this.#ask(table, `${explain ? 'EXPLAIN PLAN FOR ' : ''}SELECT ${select}`, conditions, rest);
  }

  /** The rows of all tenants: for whoever compares stores, never for a reader with a scope. */
  async ofAllTenants(table: TableKind, { select, where, rest }: TenantQuestion): Promise<readonly Row[]> {
    const conditions = [`tenant_id <> ${literal(storedNull)}`, ...where.map((one) => `(${one})`)];
    return (await this.#ask(table, `SELECT ${select}`, conditions, rest)).rows;
  }

  #ask(table: TableKind, select: string, where: readonly string[], rest: string): Promise<AnswerTable> {
    const from = tableName(this.#prefix, table);
    return this.#client.table(`${select} FROM ${from} WHERE ${where.join(' AND ')} ${rest}`);
  }
}
