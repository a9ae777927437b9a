// What waits for an officer beside notices: milestones that fall due, and the account's own jobs.
import { useQuery } from '@tanstack/react-query';
import { getJson } from './client';
import type { Job, Text } from './schema';

/** A milestone whose quarter has come or gone, and that nobody has reached. */
export type Due = {
  case_code: string;
  list_id: number;
  parcel_code: string;
  name: string | null;
  responsible_unit: string | null;
  person: string | null;
  milestone: string;
  title: Text;
  quarter: string;
  is_overdue: boolean;
};

/** Milliseconds between two looks. */
const pause = 60_000;
const atMost = 100;

export function useDue(asked: boolean) {
  return useQuery({
    queryKey: ['milestones'],
    queryFn: ({ signal }) =>
      getJson<{ milestones: Due[]; total: number }>(`/api/v1/milestones?limit=${atMost}`, signal),
    enabled: asked,
    refetchInterval: 5 * pause,
  });
}

/** Those of the account, the ones that are not over first. */
export function useOwnJobs(account: string, asked: boolean) {
  return useQuery({
    queryKey: ['own_jobs', account],
    queryFn: async ({ signal }) => {
      const found = await getJson<{ jobs: Job[] }>('/api/v1/jobs?limit=50', signal);
      return found.jobs.filter((it) => it.recorded_by === account);
    },
    enabled: asked,
    refetchInterval: pause,
  });
}
