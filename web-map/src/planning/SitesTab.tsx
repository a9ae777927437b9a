import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Empty, Form, Input, InputNumber, Select } from 'antd';
import { explain } from '../api/explain';
import { useLayerTree } from '../api/hooks';
import {
  searchSites,
  useTerms,
  type Reason,
  type Site,
  type Sites,
  type SitesQuestion,
} from '../api/planning';
import { decimal } from '../format';
import { useText } from '../i18n';
import { toPath } from '../state/base';
import { dossierPath } from '../state/url';

type Asked = {
  land_mu?: number | null;
  floor_m2?: number | null;
  use?: string;
  far?: number | null;
  sector?: string;
  energy_tce?: number | null;
  near?: string;
  within_m?: number | null;
};

function question(it: Asked): SitesQuestion {
  const number = (name: 'land_mu' | 'floor_m2' | 'far' | 'energy_tce') =>
    typeof it[name] === 'number' ? { [name]: it[name] } : {};
  return {
    ...number('land_mu'),
    ...number('floor_m2'),
    ...number('far'),
    ...number('energy_tce'),
    ...(it.use ? { use: it.use } : {}),
    ...(it.sector?.trim() ? { sector: it.sector.trim() } : {}),
    ...(it.near ? { near: { layer: it.near, within_m: it.within_m ?? 1000 } } : {}),
  };
}

/** Land and buildings for a project, with what speaks for and against each. */
export function SitesTab() {
  const { t, own } = useText();
  const terms = useTerms();
  const tree = useLayerTree().data;
  const search = useMutation({ mutationFn: (asked: Asked) => searchSites(question(asked)) });
  const layers = tree?.layers.filter((it) => it.kind === 'reference' && it.readable) ?? [];
  return (
    <div className="planning-split">
      <Form<Asked> className="card planning-form" layout="vertical" onFinish={(it) => search.mutate(it)}>
        <div className="pair">
          <Form.Item
            name="land_mu"
            label={t('planning.land_mu')}
            dependencies={['floor_m2']}
            rules={[
              (form) => ({
                validator: (_, value: unknown) =>
                  typeof value === 'number' || typeof form.getFieldValue('floor_m2') === 'number'
                    ? Promise.resolve()
                    : Promise.reject(new Error(t('planning.land_or_floor'))),
              }),
            ]}
          >
            <InputNumber min={0} />
          </Form.Item>
          <Form.Item name="floor_m2" label={t('planning.floor_m2')}>
            <InputNumber min={0} />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="use" label={t('planning.use')}>
            <Select
              allowClear
              options={terms.data?.uses.map((it) => ({ value: it.id, label: own(it.title) })) ?? []}
            />
          </Form.Item>
          <Form.Item name="far" label={t('planning.far')}>
            <InputNumber min={0} max={50} step={0.1} />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="sector" label={t('planning.sector')}>
            <Input placeholder="C3411" maxLength={5} />
          </Form.Item>
          <Form.Item name="energy_tce" label={t('planning.energy')}>
            <InputNumber min={0} />
          </Form.Item>
        </div>
        <div className="pair">
          <Form.Item name="near" label={t('planning.near')}>
            <Select
              allowClear
              placeholder={t('planning.anywhere')}
              options={layers.map((it) => ({ value: it.id, label: own(it.title) }))}
            />
          </Form.Item>
          <Form.Item name="within_m" label={t('planning.within')} initialValue={1000}>
            <InputNumber min={0} max={50000} />
          </Form.Item>
        </div>
        <Button type="primary" htmlType="submit" loading={search.isPending}>
          {t('planning.search')}
        </Button>
      </Form>
      <div aria-live="polite">
        {search.isError && <Alert type="error" showIcon title={explain(search.error, t)} />}
        {search.data ? (
          <Results of={search.data} />
        ) : (
          !search.isError && <Empty className="card" description={t('planning.search_lead')} />
        )}
      </div>
    </div>
  );
}

function Results({ of }: { of: Sites }) {
  const { t } = useText();
  return (
    <>
      <p className="quiet planning-sum">
        {t('planning.considered', { count: of.considered, fitting: of.fitting })}
        {of.cut && ` ${t('planning.cut')}`}
      </p>
      {of.sites.length === 0 && <Empty className="card" description={t('planning.no_sites')} />}
      <ol className="sites">
        {of.sites.map((it) => (
          <SiteCard key={`${it.parcel_code}-${it.building_code}`} site={it} />
        ))}
      </ol>
    </>
  );
}

function SiteCard({ site }: { site: Site }) {
  const { t } = useText();
  const size =
    site.kind === 'land'
      ? t('planning.mu', { mu: decimal(site.area_mu, 2) })
      : t('planning.vacant', { m2: decimal(site.vacant_m2, 0) });
  return (
    <li className="card site">
      <div className="conformity-head">
        <h3>
          <span className="quiet">{site.rank}</span>{' '}
          <a href={toPath(dossierPath(site.parcel_code))}>{site.name ?? site.parcel_code}</a>
        </h3>
        <span className={site.fits ? 'outcome pass' : 'outcome unknown'}>
          {t(site.fits ? 'planning.fits' : 'planning.fits_not')}
        </span>
      </div>
      <p className="quiet">
        {[t(`planning.kind.${site.kind}`), site.building_code, site.parcel_code, size, site.responsible_unit]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <ul className="reasons">
        {site.reasons.map((it) => (
          <Why key={it.criterion} of={it} />
        ))}
      </ul>
    </li>
  );
}

const marks = { for: '✓', against: '✕', unknown: '?' };

function Why({ of }: { of: Reason }) {
  const { t, own } = useText();
  return (
    <li className={`reason ${of.stance}`}>
      <i aria-hidden="true">{marks[of.stance]}</i>
      <b>{t(`planning.criterion.${of.criterion}`)}</b>
      <span>
        {own(of.text)} <span className="unseen">{t(`planning.stance.${of.stance}`)}</span>
      </span>
    </li>
  );
}
