import type { Dossier } from '../api/schema';
import { date } from '../format';
import { useText } from '../i18n';
import { measureOf, sourcesOf, type Source } from './origins';

/** From whom a value is, in which file and of which day. */
export function SourceLine({ dossier, name }: { dossier: Dossier; name: string }) {
  const { t, own } = useText();
  const measure = measureOf(dossier, name);
  const say = (it: Source) =>
    [
      it.file ?? t('dossier.typed_in'),
      it.year !== null ? t('dossier.of_year', { year: it.year }) : null,
      t('dossier.imported', { date: it.day }),
      it.isNewer ? t('dossier.newer') : null,
    ]
      .filter(Boolean)
      .join(' ');
  // A field of the register, or what an overlay found: of that only the parcel's own row is known.
  const files = measure
    ? sourcesOf(measure.origins).map(say)
    : [[dossier.source.file ?? t('dossier.typed_in'), date(dossier.source.imported_at)].join(' ')];
  const parts = [
    measure ? own(measure.supplier) : null,
    files.join('；'),
    measure?.note && own(measure.note),
  ];
  return <span className="source-line">{parts.filter(Boolean).join(' · ')}</span>;
}
