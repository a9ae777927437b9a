// Who is at the screen, as far as this page has seen. A session may end while it is open; what is on the page stays
// then, and one is asked to sign in again.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { create } from 'zustand';
import { onSignInNeeded, Problem } from '../api/client';
import { useSession } from '../api/hooks';
import type { Session } from '../api/schema';
import { observe, type Known } from './roles';

export const useKnown = create<Known>()(() => ({ session: null, lost: false }));

/** Mounted once; feeds `useKnown`. */
export function useWatchSession(): void {
  const queries = useQueryClient();
  const { data, error } = useSession();

  useEffect(() => {
    if (data) useKnown.setState((known) => observe(known, data));
  }, [data]);

  useEffect(() => {
    if (error instanceof Problem && error.status === 401) {
      useKnown.setState(({ session }) => ({ session, lost: session?.account != null }));
    }
  }, [error]);

  // A 401 alone may be a wrong password: whether the session is gone, the server says when asked.
  useEffect(
    () =>
      onSignInNeeded(() => {
        const { session, lost } = useKnown.getState();
        if (session?.account && !lost) void queries.invalidateQueries({ queryKey: ['session'] });
      }),
    [queries],
  );
}

/** After signing in: the page as it is for whom it was made, a fresh one for anybody else. */
export function useArrive(): (session: Session) => void {
  const queries = useQueryClient();
  return (session) => {
    const before = useKnown.getState();
    const same =
      before.lost && before.session?.account === session.account && before.session.role === session.role;
    // Every tile and answer depends on the role; a fresh page cannot mix the two.
    if (!same) return location.reload();
    queries.setQueryData(['session'], session);
    void queries.invalidateQueries();
  };
}
