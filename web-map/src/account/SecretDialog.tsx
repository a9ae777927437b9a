import { Alert, Button, Modal, Tabs } from 'antd';
import type { MadeToken } from '../api/schema';
import { Copied } from '../frame/Copied';
import { useText } from '../i18n';
import { toAddress } from '../state/base';
import { curlCommand, gdalCommand } from './tokens';

/** A new token's secret, this once, and where to put it. */
export function SecretDialog({ token, onClose }: { token: MadeToken | null; onClose: () => void }) {
  const { t } = useText();
  return (
    <Modal
      title={token && t('account.secret_title', { name: token.name })}
      open={token !== null}
      onCancel={onClose}
      // It cannot be had again: a click beside the dialog must not lose it.
      mask={{ closable: false }}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('account.secret_done')}
        </Button>
      }
      width={620}
      destroyOnHidden
    >
      {token && <Secret secret={token.token} />}
    </Modal>
  );
}

function Secret({ secret }: { secret: string }) {
  const { t } = useText();
  const service = toAddress('/ogc');
  return (
    <>
      <Alert className="failure" type="warning" showIcon title={t('account.secret_once')} />
      <Copied label={t('session.token')} text={secret} />
      <Tabs
        className="secret-use"
        items={[
          {
            key: 'qgis',
            label: 'QGIS',
            children: (
              <ol className="steps">
                <li>{t('account.qgis.open')}</li>
                <li>
                  {t('account.qgis.address')} <Copied label={t('account.qgis.address')} text={service} />
                </li>
                <li>{t('account.qgis.password')}</li>
              </ol>
            ),
          },
          {
            key: 'gdal',
            label: 'GDAL',
            children: <Copied label={t('account.command')} text={gdalCommand(service, secret)} />,
          },
          {
            key: 'curl',
            label: 'curl',
            children: <Copied label={t('account.command')} text={curlCommand(service, secret)} />,
          },
        ]}
      />
    </>
  );
}
