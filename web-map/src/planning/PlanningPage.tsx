import { Tabs } from 'antd';
import { useState } from 'react';
import { PageHeader } from '../frame/PageHeader';
import { useText } from '../i18n';
import { readPlanning, tabs, writePlanning, type PlanningView } from './address';
import { AssembliesTab } from './AssembliesTab';
import { ConformityTab } from './ConformityTab';
import { ReductionTab } from './ReductionTab';
import { SitesTab } from './SitesTab';
import './planning.css';

/** What the plans allow, and what may become of land. */
export function PlanningPage() {
  const { t } = useText();
  const [view, setView] = useState<PlanningView>(() => readPlanning(location.search));
  const show = (tab: string) => {
    const next = { ...view, tab: tabs.find((it) => it === tab) ?? 'conform' };
    setView(next);
    history.replaceState(null, '', `${location.pathname}${writePlanning(next)}`);
  };
  return (
    <div className="page">
      <PageHeader />
      <main className="settings-page wide planning-page">
        <div className="page-title">
          <h2>{t('planning.title')}</h2>
        </div>
        <Tabs
          activeKey={view.tab}
          onChange={show}
          destroyOnHidden
          items={[
            {
              key: 'conform',
              label: t('planning.tab.conform'),
              children: <ConformityTab code={view.code} />,
            },
            { key: 'assemble', label: t('planning.tab.assemble'), children: <AssembliesTab /> },
            { key: 'sites', label: t('planning.tab.sites'), children: <SitesTab /> },
            { key: 'reduce', label: t('planning.tab.reduce'), children: <ReductionTab /> },
          ]}
        />
      </main>
    </div>
  );
}
