// What stands in the way of an undo, as the refusal lists it. Pure.
import type { Problem } from '../api/client';
import type { Dependent } from '../api/schema';

/** Passes over what has another form: the refusal's own sentence is shown in any case. */
export function readDependents(problem: Pick<Problem, 'members'>): Dependent[] {
  const list = problem.members['dependents'];
  if (!Array.isArray(list)) return [];
  return list.flatMap((it: unknown) => {
    if (typeof it !== 'object' || it === null) return [];
    const { what, count, examples } = it as Record<string, unknown>;
    if (!isText(what) || typeof count !== 'number') return [];
    return [{ what, count, examples: Array.isArray(examples) ? examples.map(String) : [] }];
  });
}

function isText(it: unknown): it is Dependent['what'] {
  return typeof it === 'object' && it !== null && 'zh' in it && 'en' in it;
}
