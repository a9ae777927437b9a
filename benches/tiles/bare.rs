//! A server that does nothing but look up bytes and send them: what HTTP itself costs on this machine.

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

#[derive(Args)]
pub struct Bare {
    /// Host and port of the server whose answers are sent.
    #[arg(long)]
    of: String,
    #[arg(long)]
    path: String,
    #[arg(long)]
    trace: PathBuf,
    #[arg(long, default_value = "identity")]
    encoding: String,
}

impl Bare {
    /// Prints its address, and serves until it is stopped.
    #[expect(clippy::print_stdout, reason = "its address")]
    pub async fn run(self) -> anyhow::Result<()> {
        let mut paths: Vec<String> =
            super::read(&self.trace)?.iter().map(|it| self.path.replace("{tile}", it)).collect();
        paths.sort_unstable();
        paths.dedup();
        let bodies = super::load::all(&self.of, &paths, &self.encoding).await?;
        let known: Arc<HashMap<String, Bytes>> = Arc::new(paths.into_iter().zip(bodies).collect());
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("bare is at http://{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let known = Arc::clone(&known);
            let answer = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let path = request.uri().path_and_query().map_or("", |it| it.as_str());
                let body = known.get(path).cloned().unwrap_or_default();
                let status = if body.is_empty() { 204 } else { 200 };
                async move {
                    let answer = Response::builder().status(status).body(Full::new(body));
                    Ok::<_, Infallible>(answer.unwrap_or_default())
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
        }
    }
}
