import { useQueryClient } from '@tanstack/react-query';
import { Modal } from 'antd';
import { TokenTable } from '../account/TokenTable';
import { revokeTokenOf, useTokensOf } from '../api/accounts';
import { useText } from '../i18n';

/** Somebody's tokens: seen and revoked, never made for them. */
export function AccountTokens({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useText();
  const queries = useQueryClient();
  const tokens = useTokensOf(name);
  return (
    <Modal title={t('admin.tokens_title', { name })} open onCancel={onClose} footer={null} width={860}>
      <TokenTable
        tokens={tokens}
        onRevoke={async (token) => {
          await revokeTokenOf(name, token.token_id);
          await queries.invalidateQueries({ queryKey: ['tokens_of', name] });
        }}
      />
    </Modal>
  );
}
