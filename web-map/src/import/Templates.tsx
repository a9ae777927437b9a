import { DownloadOutlined } from '@ant-design/icons';
import { App, Button, Skeleton } from 'antd';
import { download } from '../api/client';
import { explain } from '../api/explain';
import { templatePath, useTargets } from '../api/imports';
import { useText } from '../i18n';

/** Sheets to fill in that need no mapping. */
export function Templates() {
  const { t, own } = useText();
  const { message } = App.useApp();
  const targets = useTargets();
  const fetchOne = async (id: string) => {
    try {
      await download(templatePath(id), `${id}.xlsx`);
    } catch (error) {
      message.error(explain(error, t), 8);
    }
  };
  return (
    <section className="card">
      <h3>{t('import.templates')}</h3>
      <p className="quiet">{t('import.templates_lead')}</p>
      {targets.isPending && <Skeleton active title={false} />}
      <ul className="templates">
        {targets.data
          ?.filter((it) => it.group === 'table')
          .map((it) => (
            <li key={it.id}>
              <Button
                type="link"
                icon={<DownloadOutlined />}
                title={own(it.about)}
                onClick={() => void fetchOne(it.id)}
              >
                {own(it.title)}
              </Button>
            </li>
          ))}
      </ul>
    </section>
  );
}
