import { LoadingOutlined, SearchOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { AutoComplete, Input } from 'antd';
import type { TFunction } from 'i18next';
import { useEffect, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { searchPlaces, useSearch } from '../api/hooks';
import type { LayerTree, Position, SearchResult } from '../api/schema';
import { readPlaces } from '../coordinates/read';
import { coordinate } from '../coordinates/systems';
import { useText } from '../i18n';
import { flyTo, useMapStore } from '../map/store';
import { useView } from '../state/view';

const patience = 250;

export function SearchBox({ tree }: { tree: LayerTree | null }) {
  const { t } = useText();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [open, setOpen] = useState(false);
  // Coordinates are read here: they are found where the server is not.
  const placesOf = (it: string) => readPlaces(it, middleOf(tree)).map((one) => toResult(one, t));
  const places = placesOf(text);
  const found = useSearch(places.length > 0 ? '' : asked);
  const queries = useQueryClient();
  const select = useView((it) => it.select);

  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), patience);
    return () => clearTimeout(timer);
  }, [text]);

  const go = (place: SearchResult) => {
    if (place.kind !== 'coordinate') setText(place.label);
    setOpen(false);
    useMapStore.setState({ pin: place.parcel_code === null && !place.bbox ? place.point : null });
    // The dossier's panel narrows the map; it has to be there before the view is fitted.
    if (place.parcel_code !== null) flushSync(() => select(place.parcel_code));
    flyTo(place);
  };
  /** Enter does not wait for the pause after typing. */
  const goFirst = async () => {
    const wanted = text.trim();
    if (!wanted) return;
    const [place] = placesOf(wanted);
    if (place) return go(place);
    const results = await queries
      .fetchQuery({ queryKey: ['search', wanted], queryFn: () => searchPlaces(wanted), staleTime: 60_000 })
      .catch(() => []);
    const first = results[0];
    setAsked(wanted);
    if (first) go(first);
    else setOpen(true);
  };

  const results = found.data ?? [];
  // Rows of an older text are not offered: Enter would take one of them.
  const shown = places.length > 0 ? places : asked === text.trim() ? results : [];
  const hint = found.isError
    ? t('search.failed')
    : found.data?.length === 0
      ? t('search.none', { text: asked })
      : null;
  return (
    <div className="search" role="search">
      <AutoComplete
        value={text}
        open={open && text.trim() !== ''}
        onOpenChange={setOpen}
        showSearch={{
          filterOption: false,
          onSearch: (it) => {
            setText(it);
            setOpen(true);
          },
        }}
        options={grouped(shown, (kind) => t(`search.kind.${kind}`))}
        notFoundContent={
          hint && (
            <span role="status" className="search-none">
              {hint}
            </span>
          )
        }
        onSelect={(key: string) => {
          const place = shown[Number(key)];
          if (place) go(place);
        }}
        onInputKeyDown={(event) => {
          // With a current list open, the box itself takes the highlighted row, at first the first.
          if (event.key === 'Enter' && !event.nativeEvent.isComposing && !(open && shown.length > 0)) {
            void goFirst();
          }
        }}
        defaultActiveFirstOption
        listHeight={400}
        popupMatchSelectWidth={460}
      >
        <Input
          aria-label={t('search.label')}
          placeholder={t('search.placeholder')}
          maxLength={100}
          prefix={found.isFetching ? <LoadingOutlined /> : <SearchOutlined />}
          allowClear
        />
      </AutoComplete>
    </div>
  );
}

/** Where the reader is: of the zones that an easting may be of, the nearest comes first. */
function middleOf(tree: LayerTree | null): Position {
  const [west, south, east, north] = tree?.bounds ?? [121, 31, 121, 31];
  return [(west + east) / 2, (south + north) / 2];
}

function toResult({ system, point }: ReturnType<typeof readPlaces>[number], t: TFunction): SearchResult {
  const name = system.startsWith('epsg') ? `EPSG:${system.slice(4)}` : t(`search.as.${system}`);
  return {
    kind: 'coordinate',
    label: t('search.read_as', { name }),
    detail: coordinate(...point, 'decimal'),
    parcel_code: null,
    point,
    bbox: null,
  };
}

const kinds = ['parcel', 'enterprise', 'town', 'coordinate'];

/** In the server's order within a kind, and the kinds in the order of their best result. */
function grouped(results: SearchResult[], title: (kind: string) => string) {
  const groups = new Map<string, { value: string; label: ReactNode }[]>();
  results.forEach((it, index) => {
    const kind = kinds.includes(it.kind) ? it.kind : 'other';
    const group = groups.get(kind) ?? [];
    groups.set(kind, group);
    group.push({
      value: String(index),
      label: (
        <div className="search-result">
          <span>{it.label}</span>
          <span className="quiet">{it.detail}</span>
        </div>
      ),
    });
  });
  return [...groups].map(([kind, options]) => ({ label: title(kind), options }));
}
