import { useQuery } from '@tanstack/react-query';
import type { FeatureCollection } from 'geojson';
import type { FilterSpecification, StyleSpecification } from 'maplibre-gl';
import { useEffect, useMemo, useState } from 'react';
import { getJson } from '../api/client';
import type { Case } from '../api/lists';
import type { Layer, LayerTree } from '../api/schema';
import { boundsOf } from '../import/shape-style';
import { useText } from '../i18n';
import { buildStyle } from '../map/draw';
import { hasWebGl2 } from '../map/new-map';
import { useOwnMap } from '../map/use-own-map';
import { emptyView } from '../state/url';
import { caseLayer, parcelLayer } from './layers';

type Props = { tree: LayerTree; listId: number; current: Case | null };

/** Where the list's parcels are, by how far they are; the current row's is ringed. Without WebGL there is the table. */
export function RowMap(props: Props) {
  const layer = caseLayer(props.tree);
  return hasWebGl2 && layer ? <Canvas {...props} layer={layer} /> : null;
}

/** Layers as they are, but for the cases: shown, and of this list only. */
function styleOf(
  tree: LayerTree,
  layer: Layer,
  listId: number,
  ring: FeatureCollection | undefined,
): StyleSpecification {
  const view = { ...emptyView, layers: { [layer.id]: { visible: true, opacity: 1 } } };
  const own = ring?.features[0]?.geometry ?? null;
  // Other themes would lie over what is asked here: how far each case is.
  const parcels = parcelLayer(tree);
  const below = tree.layers.filter((it) => it.role === 'base' || it === layer || it === parcels);
  const style = buildStyle(below, view, { ring: own, pin: null });
  const ofList = ['==', ['get', 'list_id'], listId] as unknown as FilterSpecification;
  return {
    ...style,
    layers: style.layers.map((it) => {
      if (it.type === 'background' || it.source !== layer.id) return it;
      const filter = it.filter === undefined ? ofList : (['all', it.filter, ofList] as FilterSpecification);
      return { ...it, filter };
    }),
  };
}

function Canvas({ tree, listId, current, layer }: Props & { layer: Layer }) {
  const { t } = useText();
  const code = useSettled(current?.case_code ?? null, 200);
  const outline = useQuery({
    queryKey: ['case_outline', code],
    queryFn: ({ signal }) =>
      getJson<FeatureCollection>(
        `/ogc/collections/${layer.id}/items?f=json&case_code=${encodeURIComponent(code ?? '')}`,
        signal,
      ),
    enabled: code !== null,
    staleTime: Infinity,
  }).data;
  const style = useMemo(() => styleOf(tree, layer, listId, outline), [tree, layer, listId, outline]);
  const [container, map] = useOwnMap({
    title: t('lists.map'),
    style,
    bounds: layer.data.bounds ?? tree.bounds,
    options: { fitBoundsOptions: { padding: 20, maxZoom: 15 } },
  });

  useEffect(() => {
    const place = boundsOf((outline?.features ?? []).map((it) => it.geometry));
    if (map && place) map.fitBounds(place, { padding: 60, maxZoom: 16, duration: 0 });
  }, [map, outline]);

  return (
    <div className="map-area" data-ring={outline ? code : ''}>
      <div ref={container} className="map" data-map-idle="false" />
    </div>
  );
}

/** Keys that are held down pass many rows. */
function useSettled<T>(value: T, after: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), after);
    return () => clearTimeout(timer);
  }, [value, after]);
  return settled;
}
