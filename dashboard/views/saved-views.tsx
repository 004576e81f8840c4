import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { messageOf } from '../../contracts/errors.ts';
import type { Page } from '../api/answers.ts';
import { useApp } from '../app-context.tsx';
import { Failed } from '../blanks/blank.tsx';
import { Dialog } from '../blanks/dialog.tsx';
import { PageLink, useSearchText } from '../shell/address.tsx';
import './views.css';

interface SavedView {
  readonly viewId: string;
  readonly name: string;
  readonly page: string;
  readonly search: string;
  readonly team: boolean;
  readonly mine: boolean;
}

/** The questions that were kept under a name, and a way to keep this one. */
export function SavedViews({ page }: { readonly page: string }): React.ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        Views
      </button>
      {open ? (
        <Dialog title="Saved views" kind="box" onClose={() => setOpen(false)}>
          <SaveView page={page} />
          <ViewList page={page} onOpen={() => setOpen(false)} />
        </Dialog>
      ) : null}
    </>
  );
}

function useViews() {
  const { api } = useApp();
  return useQuery({
    queryKey: ['/views'],
    queryFn: ({ signal }) => api.get<Page<SavedView>>('/views', {}, signal),
  });
}

function SaveView({ page }: { readonly page: string }): React.ReactNode {
  const { api } = useApp();
  const queries = useQueryClient();
  const search = useSearchText();
  const [name, setName] = useState('');
  const [team, setTeam] = useState(true);
  const [fault, setFault] = useState('');
  async function save(): Promise<void> {
    try {
      await api.post('/views', { name, page, search, team });
      setName('');
      setFault('');
      await queries.invalidateQueries({ queryKey: ['/views'] });
    } catch (error) {
      setFault(messageOf(error));
    }
  }
  return (
    <form
      className="view-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <input
        type="text"
        aria-label="Name of this view"
        placeholder="Name of this view"
        maxLength={80}
        required
        value={name}
        onChange={({ target }) => setName(target.value)}
      />
      <label>
        <input type="checkbox" checked={team} onChange={({ target }) => setTeam(target.checked)} /> for the
        team
      </label>
      <button type="submit" className="button button-primary">
        Save
      </button>
      {fault === '' ? null : (
        <p className="bad-text" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}

function ViewList({ page, onOpen }: { page: string; onOpen: () => void }): React.ReactNode {
  const { api } = useApp();
  const queries = useQueryClient();
  const { data, error, refetch } = useViews();
  async function remove(viewId: string): Promise<void> {
    await api.remove(`/views/${viewId}`);
    await queries.invalidateQueries({ queryKey: ['/views'] });
  }
  if (data === undefined && error !== null)
    return <Failed what="the views" error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <p className="quiet">…</p>;
  const views = data.items.filter((view) => view.page === page);
  if (views.length === 0)
    return <p className="quiet">None yet. A view keeps filters and range; its link can be shared.</p>;
  return (
    <ul className="view-list">
      {views.map(({ viewId, name, search, team }) => (
        <li key={viewId}>
          <span onClickCapture={onOpen}>
            <PageLink href={`/${page}${search}`}>{name}</PageLink>
          </span>
          <span className="quiet">{team ? 'team' : 'private'}</span>
          <button
            type="button"
            className="button button-small"
            aria-label={`Remove ${name}`}
            onClick={() => void remove(viewId)}
          >
            Remove
          </button>
        </li>
      ))}
    </ul>
  );
}
