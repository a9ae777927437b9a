//! Asks a server for tiles over so many connections, one request after another on each, and measures.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use anyhow::Context;
use anyhow::bail;
use clap::Args;
use http_body_util::BodyExt;
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

#[derive(Args)]
pub struct Load {
    /// Host and port.
    #[arg(long)]
    at: String,
    /// The path of a tile, with `{tile}` for `z/x/y`.
    #[arg(long)]
    path: String,
    #[arg(long)]
    trace: PathBuf,
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Ends after so long, …
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// … or after so many passes through the trace.
    #[arg(long, default_value_t = usize::MAX)]
    passes: usize,
    #[arg(long, default_value = "identity")]
    encoding: String,
}

/// A connection, and what asks through it.
struct Asking {
    sender: SendRequest<Empty<Bytes>>,
    host: String,
    encoding: String,
}

impl Asking {
    async fn connect(host: &str, encoding: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(host).await.context("connecting")?;
        stream.set_nodelay(true)?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: host.to_owned(), encoding: encoding.to_owned() })
    }

    /// The body's bytes; none for an empty tile.
    async fn get(&mut self, path: &str) -> anyhow::Result<Bytes> {
        let request = Request::get(path)
            .header("host", &self.host)
            .header("accept-encoding", &self.encoding)
            .body(Empty::new())?;
        self.sender.ready().await?;
        let answer = self.sender.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if !status.is_success() && status != 404 {
            bail!("{path}: {status} {}", String::from_utf8_lossy(&body[..body.len().min(300)]));
        }
        Ok(if status == 200 { body } else { Bytes::new() })
    }
}

/// Asks for each tile of a list once.
pub async fn all(at: &str, paths: &[String], encoding: &str) -> anyhow::Result<Vec<Bytes>> {
    let mut asking = Asking::connect(at, encoding).await?;
    let mut found = Vec::new();
    for path in paths {
        found.push(asking.get(path).await?);
    }
    Ok(found)
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    times: Vec<Duration>,
    bytes: usize,
    empty: usize,
    largest: usize,
}

impl Load {
    pub async fn run(self) -> anyhow::Result<()> {
        let paths: Arc<Vec<String>> = Arc::new(
            super::read(&self.trace)?.iter().map(|it| self.path.replace("{tile}", it)).collect(),
        );
        let next = Arc::new(AtomicUsize::new(0));
        let last = paths.len().saturating_mul(self.passes);
        let started = Instant::now();
        let end = started + Duration::from_secs_f64(self.seconds);
        let mut tasks = Vec::new();
        for _ in 0..self.connections {
            let (paths, next) = (Arc::clone(&paths), Arc::clone(&next));
            let mut asking = Asking::connect(&self.at, &self.encoding).await?;
            tasks.push(tokio::spawn(async move {
                let mut seen = Seen::default();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let from = Instant::now();
                    if at >= last || from > end {
                        return anyhow::Ok(seen);
                    }
                    let body = asking.get(&paths[at % paths.len()]).await?;
                    seen.times.push(from.elapsed());
                    seen.bytes += body.len();
                    seen.empty += usize::from(body.is_empty());
                    seen.largest = seen.largest.max(body.len());
                }
            }));
        }
        let mut all = Seen::default();
        for task in tasks {
            let it = task.await??;
            all.times.extend(it.times);
            all.bytes += it.bytes;
            all.empty += it.empty;
            all.largest = all.largest.max(it.largest);
        }
        Self::report(all, started.elapsed());
        Ok(())
    }

    /// One line for people and scripts: names and numbers.
    #[expect(clippy::print_stdout, reason = "its answer")]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts"
    )]
    fn report(mut seen: Seen, took: Duration) {
        seen.times.sort_unstable();
        let at = |share: f64| {
            let place = (seen.times.len() as f64 * share) as usize;
            let time = seen.times.get(place.min(seen.times.len().saturating_sub(1)));
            time.map_or(0.0, |it| it.as_secs_f64() * 1e3)
        };
        let (many, kib) = (seen.times.len(), 1024.0);
        println!(
            "rps {:.0} p50_ms {:.2} p99_ms {:.2} max_ms {:.2} requests {many} empty {} mean_kib {:.1} largest_kib {:.1}",
            many as f64 / took.as_secs_f64(),
            at(0.5),
            at(0.99),
            at(1.0),
            seen.empty,
            seen.bytes as f64 / kib / (many - seen.empty).max(1) as f64,
            seen.largest as f64 / kib,
        );
    }
}
