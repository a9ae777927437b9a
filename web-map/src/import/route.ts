// Which import is on the page: `/import` is the list, `/import/{batch_id}` one of them, with its tab in `?tab=`.
import { useEffect, useState } from 'react';
import { fromPath, toPath } from '../state/base';
import { importPage, importPath, readImportPath } from '../state/url';

export const tabs = ['detection', 'mapping', 'findings', 'changes'] as const;
export type Tab = (typeof tabs)[number];

const here = () => readImportPath(fromPath(location.pathname) ?? '/');

export function useBatchId(): [number | null, (batchId: number | null) => void] {
  const [batchId, setBatchId] = useState(here);
  useEffect(() => {
    const follow = () => setBatchId(here());
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, []);
  const go = (to: number | null) => {
    history.pushState(null, '', toPath(to === null ? importPage : importPath(to)));
    setBatchId(to);
    scrollTo(0, 0);
  };
  return [batchId, go];
}

export function readTab(search: string): Tab | null {
  const asked = new URLSearchParams(search).get('tab');
  return tabs.find((it) => it === asked) ?? null;
}

export function writeTab(tab: Tab): void {
  history.replaceState(null, '', `${location.pathname}?tab=${tab}`);
}
