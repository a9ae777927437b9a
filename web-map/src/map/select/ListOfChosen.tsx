import type { Session } from '../../api/schema';
import { NewListDialog } from '../../lists/NewListDialog';
import '../../lists/lists.css';
import '../../lists/case.css';

type Props = {
  session: Session;
  codes: readonly string[];
  onClose: () => void;
  onOpen: (listId: number) => void;
};

/** The dialog of lists with the selection as its choice; apart, so that the map does without lists until then. */
export function ListOfChosen({ session, codes, onClose, onOpen }: Props) {
  const first = { source: 'codes' as const, codes: codes.join('\n') };
  return <NewListDialog session={session} first={first} onClose={onClose} onOpen={onOpen} />;
}
