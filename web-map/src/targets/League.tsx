import { Alert, Button, Input, Segmented, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { explain } from '../api/explain';
import { useStandings, type Asked, type Standing } from '../api/lists';
import { barWidth, day, decimal, minute, percent } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { listsPage } from '../state/url';
import { Reports } from './Reports';
import { kinds, periodsOf, readAsked, reconciles, writeAsked } from './asked';

const today = () => day(new Date().toISOString()) ?? '';

/** The league of a period: rate, gap, rank and a light against what should have been reached by the day. */
export function League() {
  const { t, own, list } = useText();
  const [asked, setAsked] = useState<Asked>(() => readAsked(location.search, today()));
  const ask = (more: Partial<Asked>) => {
    const next = { ...asked, ...more };
    setAsked(next);
    history.replaceState(null, '', `${location.pathname}${writeAsked(next)}`);
  };
  const found = useStandings(asked);
  const year = Number(asked.period.slice(0, 4));
  const years = [...new Set([year - 1, year, year + 1, new Date().getFullYear()])].sort();
  const places = asked.kind === 'plants' || asked.kind === 'enterprises' ? 0 : 2;
  const number = (it: string | null) => decimal(it, places) ?? '–';
  const columns: TableColumnsType<Standing> = [
    { title: t('targets.rank'), key: 'rank', width: 70, align: 'right', render: (_, it) => it.rank ?? '–' },
    {
      title: t('targets.unit'),
      key: 'unit',
      render: (_, it) => it.unit ?? <span className="quiet">{t('targets.no_unit')}</span>,
    },
    {
      title: t('targets.light'),
      key: 'light',
      width: 110,
      render: (_, it) => (
        <span className={`light ${it.light}`}>
          <i aria-hidden="true" />
          {t(`targets.light_of.${it.light}`)}
        </span>
      ),
    },
    { title: t('targets.target'), key: 'target', align: 'right', render: (_, it) => number(it.target) },
    {
      title: t('targets.phased'),
      key: 'phased',
      align: 'right',
      render: (_, it) => number(it.phased_target),
    },
    { title: t('targets.counted'), key: 'counted', align: 'right', render: (_, it) => number(it.counted) },
    {
      title: t('targets.rate'),
      key: 'rate',
      width: 190,
      render: (_, it) => (
        <div className="rate">
          <div className="rate-track" aria-hidden="true">
            <i className={it.light} style={{ width: barWidth(it.rate) }} />
          </div>
          {percent(it.rate) ?? '–'}
        </div>
      ),
    },
    {
      title: t('targets.gap'),
      key: 'gap',
      align: 'right',
      render: (_, it) => <span className={Number(it.gap) > 0 ? 'short' : ''}>{number(it.gap)}</span>,
    },
  ];
  return (
    <>
      <div className="page-title lists-title">
        <div>
          <h2>{t('targets.title')}</h2>
          <p className="quiet">{t('targets.lead')}</p>
        </div>
        <span className="spring" />
        <Button href={toPath(listsPage)}>{t('targets.to_lists')}</Button>
      </div>
      <div className="card">
        <div className="toolbar">
          <Segmented
            value={asked.kind}
            onChange={(kind) => ask({ kind })}
            options={kinds.map((value) => ({ value, label: t(`targets.kind.${value}`) }))}
          />
          <Select
            value={asked.period}
            onChange={(period) => ask({ period })}
            aria-label={t('targets.period')}
            className="toolbar-select"
            options={years.flatMap(periodsOf).map((value) => ({ value, label: value }))}
          />
          <label>
            {t('targets.as_of')}{' '}
            <Input
              type="date"
              className="as-of"
              max={today()}
              value={asked.asOf ?? ''}
              onChange={(event) => ask({ asOf: event.target.value || null })}
            />
          </label>
          {found.data && (
            <span className="quiet">
              {t('targets.until', { day: found.data.day })}
              {found.data.as_of && ` · ${t('targets.known', { at: minute(found.data.as_of) })}`}
            </span>
          )}
        </div>
        {found.isError && <Alert className="failure" type="error" showIcon title={explain(found.error, t)} />}
        {found.data && !reconciles(found.data.rows, found.data.total) && (
          <Alert className="failure" type="error" showIcon title={t('targets.unreconciled')} />
        )}
        {found.data?.notes.map((it) => (
          <Alert key={it.zh} className="failure" type="info" showIcon title={own(it)} />
        ))}
        {(found.data?.uneven ?? []).length > 0 && (
          <Alert
            className="failure"
            type="warning"
            showIcon
            title={t('targets.uneven', { units: list(found.data?.uneven ?? []) })}
          />
        )}
        <Table<Standing>
          size="middle"
          rowKey={(it) => it.unit ?? ''}
          columns={columns}
          dataSource={found.data?.rows ?? []}
          loading={found.isPending}
          pagination={false}
          scroll={{ x: 900 }}
          locale={{
            emptyText: found.isPending ? ' ' : <span className="quiet">{t('targets.none')}</span>,
          }}
          summary={() => found.data && <Total it={found.data.total} columns={columns} />}
        />
      </div>
      <Reports today={today()} />
    </>
  );
}

/** The district: the sum of the rows. */
function Total({ it, columns }: { it: Standing; columns: TableColumnsType<Standing> }) {
  const { t } = useText();
  return (
    <Table.Summary.Row className="league-total">
      {columns.map((column, nth) => (
        <Table.Summary.Cell key={column.key} index={nth} {...(column.align ? { align: column.align } : {})}>
          {column.key === 'unit'
            ? t('targets.district')
            : (column.render?.(null, it, nth) as React.ReactNode)}
        </Table.Summary.Cell>
      ))}
    </Table.Summary.Row>
  );
}
