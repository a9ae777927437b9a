// Which list is on the page, and which case is open: `/lists`, `/lists/{list_id}`, `?case=JD2026001`.
import { useEffect, useState } from 'react';
import { fromPath, toPath } from '../state/base';
import { listPath, listsPage, readListPath } from '../state/url';

export type Where = { listId: number | null; caseCode: string | null };

/** A forged address opens nothing: codes are letters and digits. */
export function readWhere(path: string, search: string): Where {
  const listId = readListPath(path);
  const code = new URLSearchParams(search).get('case');
  return { listId, caseCode: listId !== null && code && /^[A-Z]{1,8}\d{7,12}$/.test(code) ? code : null };
}

const here = () => readWhere(fromPath(location.pathname) ?? '/', location.search);

export function useWhere(): [Where, (to: Where) => void] {
  const [where, setWhere] = useState(here);
  useEffect(() => {
    const follow = () => setWhere(here());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = (to: Where) => {
    const path = to.listId === null ? listsPage : listPath(to.listId);
    history.pushState(null, '', toPath(`${path}${to.caseCode ? `?case=${to.caseCode}` : ''}`));
    setWhere(to);
  };
  return [where, go];
}
