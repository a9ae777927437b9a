// Which run is on the page: `/runs` is the list, `/runs/{run_id}` one of them.
import { useEffect, useState } from 'react';
import { fromPath, toPath } from '../state/base';
import { readRunPath, runPath, runsPage } from '../state/url';

const here = () => readRunPath(fromPath(location.pathname) ?? '/');

export function useRunId(): [number | null, (runId: number | null) => void] {
  const [runId, setRunId] = useState(here);
  useEffect(() => {
    const follow = () => setRunId(here());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = (to: number | null) => {
    history.pushState(null, '', toPath(to === null ? runsPage : runPath(to)));
    setRunId(to);
    scrollTo(0, 0);
  };
  return [runId, go];
}
