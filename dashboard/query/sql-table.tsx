import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';

import './query.css';
import { cellText, type SqlAnswer } from './sql-state.ts';

const rowHeight = 28;

/** The rows of an answer; those that show are drawn. */
export function SqlTable({ answer }: { readonly answer: SqlAnswer }): React.ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const { columns, rows } = answer;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const shown = virtual.getVirtualItems();
  const above = shown[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    <div
      ref={box}
      className="sql-rows"
      tabIndex={0}
      role="region"
      aria-label="Rows of the answer, scrollable"
    >
      <table>
        <thead>
          <tr>
            {columns.map(({ name, type }, index) => (
              <th key={index} scope="col" title={type}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 ? <Space height={above} /> : null}
          {shown.map(({ index }) => (
            <tr key={index}>
              {columns.map((_column, at) => (
                <td key={at} title={cellText(rows[index]?.[at])}>
                  {cellText(rows[index]?.[at])}
                </td>
              ))}
            </tr>
          ))}
          {below > 0 ? <Space height={below} /> : null}
        </tbody>
      </table>
    </div>
  );
}

function Space({ height }: { readonly height: number }): React.ReactNode {
  return (
    <tr aria-hidden="true">
      <td style={{ height }} />
    </tr>
  );
}
