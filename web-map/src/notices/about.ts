// What a notice is about, as a page of ours. Pure; what a later server tells of, this one may not know.
import { casePath, runPath } from '../state/url';

export type About = { path: string; says: 'to_hits' | 'to_case' };

/** Null where there is no page of it. */
export function aboutOf(detail: unknown): About | null {
  if (typeof detail !== 'object' || detail === null) return null;
  const members = detail as Record<string, unknown>;
  const { run_id: runId, list_id: listId, case_code: code } = members;
  if (typeof runId === 'number') return { path: `${runPath(runId)}?tab=hits`, says: 'to_hits' };
  if (typeof listId === 'number' && typeof code === 'string') {
    return { path: casePath(listId, code), says: 'to_case' };
  }
  return null;
}
