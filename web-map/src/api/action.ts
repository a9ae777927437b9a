import { useState } from 'react';
import { useText } from '../i18n';
import { explain } from './explain';

/** Something the server is asked to do: whether it is under way, and why it failed, in words. */
export function useAction<Given extends unknown[]>(act: (...given: Given) => Promise<void>) {
  const { t } = useText();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const run = async (...given: Given) => {
    setBusy(true);
    setFailure(null);
    try {
      await act(...given);
    } catch (error) {
      setFailure(explain(error, t));
    } finally {
      setBusy(false);
    }
  };
  return { busy, failure, run: (...given: Given) => void run(...given), clear: () => setFailure(null) };
}
