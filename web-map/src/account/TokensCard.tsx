import { PlusOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { revokeToken, useTokens } from '../api/accounts';
import type { MadeToken, Session } from '../api/schema';
import { useText } from '../i18n';
import { NewTokenDialog } from './NewTokenDialog';
import { SecretDialog } from './SecretDialog';
import { TokenTable } from './TokenTable';

type Props = { session: Session; account: string; fixed: boolean };

/** `fixed`: this session may look at them only. */
export function TokensCard({ session, account, fixed }: Props) {
  const { t } = useText();
  const queries = useQueryClient();
  const tokens = useTokens(account);
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<MadeToken | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: ['tokens', account] });
  return (
    <section className="card tokens">
      <div className="card-head">
        <div>
          <h3>{t('account.tokens')}</h3>
          <p className="quiet">{t('account.tokens_lead')}</p>
        </div>
        <Button type="primary" icon={<PlusOutlined />} disabled={fixed} onClick={() => setAsking(true)}>
          {t('account.token_new')}
        </Button>
      </div>
      <TokenTable
        tokens={tokens}
        onRevoke={
          fixed
            ? null
            : async (token) => {
                await revokeToken(token.token_id);
                await again();
              }
        }
      />
      <NewTokenDialog
        open={asking}
        role={session.own_role}
        onClose={() => setAsking(false)}
        onMade={(token) => {
          setAsking(false);
          setMade(token);
          void again();
        }}
      />
      <SecretDialog token={made} onClose={() => setMade(null)} />
    </section>
  );
}
