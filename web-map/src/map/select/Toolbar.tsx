import { AimOutlined, RedoOutlined, UndoOutlined, UnorderedListOutlined } from '@ant-design/icons';
import { Button, Segmented, Tooltip } from 'antd';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { Layer, LayerTree } from '../../api/schema';
import { useText } from '../../i18n';
import { redo, undo, useUndo } from '../../state/undo';
import { icons } from './icons';
import { isMeasure, measureTools, selectTools, takeTool, useSelect, type Combine, type Tool } from './store';

const ChooseDialog = lazy(() => import('./ChooseDialog').then((it) => ({ default: it.ChooseDialog })));

/** What the pointer is for, and what was done last. */
export function Toolbar({ tree, subject }: { tree: LayerTree; subject: Layer | null }) {
  const { t } = useText();
  const { tool, combine } = useSelect();
  const { past, future } = useUndo();
  const [asks, setAsks] = useState(false);
  const take = (it: Tool) => {
    takeTool(it);
    // The keys go to the map: arrows, Enter at the cross-hair, Escape.
    document.querySelector<HTMLCanvasElement>('.map-area .map canvas')?.focus({ preventScroll: true });
  };
  const button = (it: Tool) => (
    <ToolButton
      key={it}
      title={t(`select.tool.${it}`)}
      icon={icons[it]}
      isOn={tool === it}
      onClick={() => take(it)}
    />
  );
  return (
    <div className="map-tools" role="toolbar" aria-label={t('select.tools')} aria-orientation="vertical">
      <div className="tool-group">
        <ToolButton
          title={t('select.tool.look')}
          icon={<AimOutlined />}
          isOn={tool === null}
          onClick={() => takeTool(null)}
        />
        {subject && selectTools.map(button)}
        {subject && (
          <ToolButton
            title={t('select.ask')}
            icon={<UnorderedListOutlined />}
            onClick={() => setAsks(true)}
          />
        )}
      </div>
      <div className="tool-group">{measureTools.map(button)}</div>
      <div className="tool-group">
        <ToolButton title={t('select.undo')} icon={<UndoOutlined />} disabled={past === 0} onClick={undo} />
        <ToolButton title={t('select.redo')} icon={<RedoOutlined />} disabled={future === 0} onClick={redo} />
      </div>
      {tool && !isMeasure(tool) && (
        <Segmented<Combine>
          className="combine"
          size="small"
          aria-label={t('select.combine')}
          value={combine}
          onChange={(to) => useSelect.setState({ combine: to })}
          options={(['new', 'add', 'less'] as const).map((value) => ({
            value,
            label: t(`select.how.${value}`),
          }))}
        />
      )}
      {asks && subject && (
        <Suspense fallback={null}>
          <ChooseDialog tree={tree} subject={subject} onClose={() => setAsks(false)} />
        </Suspense>
      )}
    </div>
  );
}

type ToolProps = { title: string; icon: ReactNode; isOn?: boolean; disabled?: boolean; onClick: () => void };

function ToolButton({ title, icon, isOn, disabled, onClick }: ToolProps) {
  return (
    <Tooltip title={title} placement="right">
      <Button
        type={isOn ? 'primary' : 'text'}
        icon={icon}
        aria-label={title}
        aria-pressed={isOn}
        disabled={disabled}
        onClick={onClick}
      />
    </Tooltip>
  );
}
