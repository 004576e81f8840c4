import { messageOf } from '../../contracts/errors.ts';
import { useSession } from '../app-context.tsx';
import { isDenied } from '../api/client.ts';
import { CopyableCommand } from './copyable-command.tsx';
import './blank.css';

interface BlankProps {
  readonly title: string;
  readonly children?: React.ReactNode;
  readonly action?: React.ReactNode;
}

/** A place with no rows: says why, and what to do next. */
export function Blank({ title, children, action }: BlankProps): React.ReactNode {
  return (
    <div className="blank">
      <p className="blank-title">{title}</p>
      {children}
      {action}
    </div>
  );
}

/** Nothing reports yet: how to start an agent. */
export function NothingYet(): React.ReactNode {
  const { tenantId } = useSession();
  return (
    <Blank title="No device reports yet">
      <p>
        Make a token for agents, then start one on each machine you want to see. It shows up here by itself.
      </p>
      <CopyableCommand command={`npx openframe token --tenant ${tenantId} --role agent`} />
      <CopyableCommand command={`npx openframe agent --server ${window.location.origin} --token TOKEN`} />
    </Blank>
  );
}

/** Rows exist, but the filters let none through. */
export function FilteredOut({ what, onClear }: { what: string; onClear: () => void }): React.ReactNode {
  return (
    <Blank
      title={`No ${what} match the filters`}
      action={
        <button type="button" className="button" onClick={onClear}>
          Clear filters
        </button>
      }
    />
  );
}

/** The role may not read this. */
function Denied({ what }: { readonly what: string }): React.ReactNode {
  const { tenantId, role } = useSession();
  return (
    <Blank title={`Your role may not see ${what}`}>
      <p>
        You are signed in as <strong>{role}</strong>. Ask an administrator for a token of another role:
      </p>
      <CopyableCommand command={`npx openframe token --tenant ${tenantId} --role operator`} />
    </Blank>
  );
}

export interface FailedProps {
  readonly what: string;
  readonly error: unknown;
  readonly onRetry: () => void;
}

/** The answer was a fault: denied, or worth another try. */
export function Failed({ what, error, onRetry }: FailedProps): React.ReactNode {
  if (isDenied(error)) return <Denied what={what} />;
  return (
    <div role="alert" className="blank-failed">
      <Blank
        title={`Could not load ${what}`}
        action={
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        }
      >
        <p>{messageOf(error)}</p>
      </Blank>
    </div>
  );
}
