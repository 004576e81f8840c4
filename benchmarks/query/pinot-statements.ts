import { request } from 'undici';
import { z } from 'zod';

import type { AnswerTable } from '../../sinks/pinot/answer.ts';
import { PinotClient, type PinotConnection, queryOptions } from '../../sinks/pinot/client.ts';
import { facetCounts } from '../../sinks/pinot/event-facets.ts';
import { eventPage } from '../../sinks/pinot/event-pages.ts';
import { eventStats } from '../../sinks/pinot/event-stats.ts';
import { TenantRows } from '../../sinks/pinot/tenant-rows.ts';
import type { Asked, Question } from './questions.ts';

/** A statement of a question. `after` is the one whose answer it was made from, or waited for, by its place. */
export interface Statement {
  readonly sql: string;
  readonly after: number | undefined;
}

/** Notes what is put to Pinot, and in which order. */
class WatchedClient extends PinotClient {
  put: Statement[] = [];
  #answered: number | undefined;

  override async table(sql: string): Promise<AnswerTable> {
    const at = this.put.push({ sql, after: this.#answered }) - 1;
    const answer = await super.table(sql);
    this.#answered = at;
    return answer;
  }

  begin(): void {
    this.put = [];
    this.#answered = undefined;
  }
}

/** What a broker says of its work on a statement. */
const accountSchema = z.object({
  exceptions: z.array(z.unknown()).max(0),
  numDocsScanned: z.number(),
  numEntriesScannedInFilter: z.number(),
  numEntriesScannedPostFilter: z.number(),
  numSegmentsQueried: z.number(),
  numSegmentsProcessed: z.number(),
  numSegmentsMatched: z.number(),
  totalDocs: z.number(),
  timeUsedMs: z.number(),
  resultTable: z.object({ rows: z.array(z.array(z.unknown())) }),
});

/** Pinot beside the product: which statements a question is, and the same asked without the product. */
export class PinotStatements implements Disposable {
  readonly #client: WatchedClient;
  readonly #asked: Asked;
  readonly #brokerUrl: string;

  constructor(connection: PinotConnection, prefix: string) {
    this.#client = new WatchedClient(connection);
    this.#brokerUrl = connection.brokerUrls[0] ?? '';
    const rows = new TenantRows(this.#client, prefix);
    this.#asked = {
      stats: (scope, request) => eventStats(rows, scope, request),
      facets: (scope, filter, limit) => facetCounts(rows, scope, filter, limit),
      events: (scope, request) => eventPage(rows, scope, request),
      event: () => Promise.reject(new Error('Pinot has no whole events')),
    };
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  /** The statements that the question is now. */
  async of(question: Question, nowMs: number): Promise<readonly Statement[]> {
    this.#client.begin();
    await question.ask(this.#asked, nowMs);
    return this.#client.put;
  }

  /** Puts them to the broker, each as soon as the one that it follows is answered. */
  async askDirectly(statements: readonly Statement[]): Promise<void> {
    const answers: Promise<string>[] = [];
    for (const { sql, after } of statements) {
      const before = after === undefined ? Promise.resolve('') : answers[after];
      answers.push((before ?? Promise.resolve('')).then(() => this.#ask(sql)));
    }
    await Promise.all(answers);
  }

  /** As text: each statement with the broker's account of it and its plan. */
  async accountOf(statements: readonly Statement[]): Promise<string> {
    const texts: string[] = [];
    for (const { sql } of statements) {
      const { resultTable, exceptions: _none, ...account } = await this.#read(sql);
      const plan = (await this.#read(`EXPLAIN PLAN FOR ${sql}`)).resultTable.rows;
      const figures = Object.entries(account).map(([name, value]) => `${name} ${value}`);
      const operators = plan.map(
        ([operator, id, parent]) => `  ${String(parent)} <- ${String(id)}  ${String(operator)}`,
      );
      texts.push(
        `${sql}\n  ${resultTable.rows.length} rows; ${figures.join(', ')}\n${operators.join('\n')}\n`,
      );
    }
    return texts.join('\n');
  }

  async #read(sql: string): Promise<z.infer<typeof accountSchema>> {
    return accountSchema.parse(JSON.parse(await this.#ask(sql)));
  }

  async #ask(sql: string): Promise<string> {
    const { statusCode, body } = await request(`${this.#brokerUrl}/query/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sql, queryOptions: queryOptions() }),
    });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`Pinot answers ${statusCode}: ${text.slice(0, 500)}`);
    return text;
  }
}
