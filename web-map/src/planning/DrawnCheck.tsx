import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { Problem } from '../api/client';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import { checkShape } from '../api/planning';
import { useText } from '../i18n';
import { DrawMap } from './DrawMap';
import {
  closed,
  faultOf,
  nothing,
  readVertices,
  shapeOf,
  undone,
  writeVertices,
  type Drawing,
} from './drawing';
import { Found } from './Found';
import { ProposedFields, proposedOf, type Asked } from './ProposedFields';

/** A shape that is drawn on the map or typed as coordinates, and what is proposed on it. */
export function DrawnCheck() {
  const { t } = useText();
  const tree = useLayerTree().data;
  const [drawing, setDrawing] = useState<Drawing>(nothing);
  /** What is being typed, while it is no shape yet; else the text is that of the drawing. */
  const [typed, setTyped] = useState<string | null>(null);
  const check = useMutation({
    mutationFn: (asked: Asked) => {
      const shape = shapeOf(closed(drawing));
      if (!shape) throw new Error(t('planning.draw_first'));
      return checkShape(shape, proposedOf(asked));
    },
  });
  const wrong = typed === null ? null : readVertices(typed).wrong;
  const refused = check.error instanceof Problem && check.error.status === 400 ? check.error : null;
  const draw = (change: (drawing: Drawing) => Drawing) => {
    setTyped(null);
    setDrawing(change);
    check.reset();
  };
  const type = (text: string) => {
    setTyped(text);
    const { vertices, wrong } = readVertices(text);
    check.reset();
    if (wrong === null) setDrawing({ vertices, isClosed: vertices.length > 2 });
  };
  const { vertices } = drawing;
  return (
    <div className="planning-split drawn">
      <Form<Asked> className="card planning-form" layout="vertical" onFinish={(asked) => check.mutate(asked)}>
        <Form.Item
          label={t('planning.vertices')}
          htmlFor="drawn-vertices"
          extra={t('planning.vertices_help')}
          {...(wrong === null
            ? {}
            : { validateStatus: 'error' as const, help: t('planning.vertex_wrong', { line: wrong }) })}
        >
          <Input.TextArea
            id="drawn-vertices"
            autoSize={{ minRows: 4, maxRows: 9 }}
            spellCheck={false}
            placeholder="121.2034, 31.3021"
            value={typed ?? writeVertices(vertices)}
            onChange={(it) => type(it.target.value)}
            onBlur={() => setTyped((it) => (it !== null && readVertices(it).wrong === null ? null : it))}
          />
        </Form.Item>
        <div className="draw-buttons">
          <Button size="small" disabled={vertices.length === 0} onClick={() => draw(undone)}>
            {t('planning.draw_undo')}
          </Button>
          <Button size="small" disabled={vertices.length === 0} onClick={() => draw(() => nothing)}>
            {t('planning.draw_clear')}
          </Button>
          <Button
            size="small"
            disabled={vertices.length < 3 || drawing.isClosed}
            onClick={() => draw(closed)}
          >
            {t('planning.draw_close')}
          </Button>
        </div>
        <ProposedFields empty={t('planning.none_given')} />
        <Button
          type="primary"
          htmlType="submit"
          loading={check.isPending}
          disabled={vertices.length < 3 || wrong !== null}
        >
          {t('planning.check')}
        </Button>
      </Form>
      <div>
        {tree && (
          <DrawMap
            tree={tree}
            drawing={drawing}
            fault={refused ? faultOf(refused.members) : null}
            onDraw={draw}
          />
        )}
        <p className="quiet draw-state" role="status">
          {t(drawing.isClosed ? 'planning.draw_closed' : 'planning.draw_how', { count: vertices.length })}
        </p>
        <div aria-live="polite">
          {check.isError && (
            <Alert
              className="failure"
              type="error"
              showIcon
              title={refused ? refused.message : explain(check.error, t)}
              description={refused && faultOf(refused.members).vertex !== null && t('planning.fault_on_map')}
            />
          )}
          {check.data && <Found of={check.data} />}
        </div>
      </div>
    </div>
  );
}
