import { MenuFoldOutlined, MenuUnfoldOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import type { LayerTree } from '../api/schema';
import { useText } from '../i18n';
import { LayerItem } from './LayerItem';
import { ThemeList } from './ThemeList';

type Props = { tree: LayerTree; open: boolean; onToggle: () => void };

export function LayerPanel({ tree, open, onToggle }: Props) {
  const { t, own } = useText();
  if (!open) {
    return (
      <aside className="panel layer-panel closed">
        <Button type="text" icon={<MenuUnfoldOutlined />} aria-label={t('panel.expand')} onClick={onToggle} />
      </aside>
    );
  }
  // A table without shapes is for clients and downloads; a map has nothing to show of it.
  const drawn = tree.layers.filter((it) => it.geometry !== 'none');
  const known = new Set(tree.groups.map((it) => it.id));
  const groups = tree.groups.map((it) => ({
    ...it,
    layers: drawn.filter((layer) => layer.group === it.id),
  }));
  const ungrouped = drawn.filter((it) => !known.has(it.group));
  return (
    <aside className="panel layer-panel" aria-label={t('panel.layers')}>
      <div className="panel-title">
        <h2>{t('panel.layers')}</h2>
        <Button type="text" icon={<MenuFoldOutlined />} aria-label={t('panel.collapse')} onClick={onToggle} />
      </div>
      <div className="panel-scroll">
        {groups
          .filter((it) => it.layers.length > 0)
          .map((it) => (
            <section key={it.id} className="layer-group">
              <h3>{own(it.title)}</h3>
              <ThemeList tree={tree} themes={it.layers.filter((layer) => layer.role === 'theme')} />
              {it.layers
                .filter((layer) => layer.role !== 'theme')
                .map((layer) => (
                  <LayerItem key={layer.id} tree={tree} layer={layer} />
                ))}
            </section>
          ))}
        {ungrouped.map((it) => (
          <LayerItem key={it.id} tree={tree} layer={it} />
        ))}
      </div>
    </aside>
  );
}
