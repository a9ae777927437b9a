//! Ctrl-C and SIGTERM, heard from the first moment on: a command that ends by one still rolls back and stops the database
//! that it started.

use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::watch;

/// Somebody's wish that this process ends. Once there it stays, whoever asks when.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens from now on.
    pub(super) fn listen() -> anyhow::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let (wished, wish) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            wished.send_replace(true);
            // Kept, so that the wish can still be read.
            std::future::pending::<()>().await;
        });
        Ok(Self(wish))
    }

    /// Ready when somebody wants the process to end.
    pub(super) async fn wished(mut self) {
        let _ = self.0.wait_for(|it| *it).await;
    }
}
