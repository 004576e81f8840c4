import './bench.css';

interface FiguresTableProps {
  /** What a screen reader says of the table. */
  readonly label: string;
  readonly head: readonly string[];
  /** The first cell of a row names it. */
  readonly rows: readonly (readonly React.ReactNode[])[];
}

/** Rows of figures, scrolled sideways where the page is narrow. */
export function FiguresTable({ label, head, rows }: FiguresTableProps): React.ReactNode {
  return (
    <div className="bench-scroll" tabIndex={0} role="region" aria-label={`${label}, scrollable`}>
      <table>
        <thead>
          <tr>
            {head.map((name, at) => (
              <th key={at} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells], at) => (
            <tr key={at}>
              <th scope="row">{name}</th>
              {cells.map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A measured figure with as many digits as say something. */
export function figure(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 3 : value < 1000 ? 1 : 0 });
}
