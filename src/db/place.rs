//! Where a private cluster lives on this machine: the programs of its version, the user that runs it, the folder of its
//! socket. What is in the way is said here, before PostgreSQL would say it less kindly.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context;
use anyhow::bail;
use sha2::Digest;
use sha2::Sha256;

/// Debian keeps each major version's programs here.
const PROGRAMS: &str = "/usr/lib/postgresql";
/// What PostgreSQL calls its socket, for the port that nobody changes.
pub const SOCKET: &str = ".s.PGSQL.5432";
/// Bytes of a socket's whole path that the kernel takes.
const SOCKET_PATH_MAX: usize = 107;

/// The unprivileged user that runs PostgreSQL when mutu is root.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
}

/// The programs of the data's major version, or of the newest one for a new cluster.
pub fn programs(data: &Path) -> anyhow::Result<PathBuf> {
    let wanted = fs::read_to_string(data.join("PG_VERSION")).ok().map(|it| it.trim().to_owned());
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(PROGRAMS)
        .into_iter()
        .flatten()
        .filter_map(|it| {
            let path = it.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            let bin = path.join("bin");
            (bin.join("initdb").exists() && bin.join("postgres").exists()).then_some((version, bin))
        })
        .collect();
    versions.sort();
    if versions.is_empty() {
        bail!(
            "未找到 PostgreSQL：请运行 `apt-get install postgresql postgis`，或设置 DATABASE_URL / PostgreSQL is not \
             installed: run `apt-get install postgresql postgis` or set DATABASE_URL"
        );
    }
    if let Some(wanted) = wanted {
        return versions.iter().find(|(it, _)| it.to_string() == wanted).map(|(_, bin)| bin.clone()).with_context(|| {
            let found: Vec<String> = versions.iter().map(|(it, _)| it.to_string()).collect();
            format!(
                "数据目录属于 PostgreSQL {wanted}，本机只有 {have} / the data directory {dir} belongs to PostgreSQL {wanted}, this machine has \
                 {have}: install postgresql-{wanted} and postgresql-{wanted}-postgis-3, or export with the old version and \
                 import into a new data directory",
                have = found.join(", "),
                dir = data.display()
            )
        });
    }
    versions.pop().map(|(_, bin)| bin).context("no PostgreSQL")
}

/// PostgreSQL refuses root: its Debian package brings the user `postgres`.
pub fn postgres_user() -> anyhow::Result<Owner> {
    let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let user = users.lines().find_map(|line| {
        let mut parts = line.split(':');
        (parts.next()? == "postgres").then_some(())?;
        Some(Owner { uid: parts.nth(1)?.parse().ok()?, gid: parts.next()?.parse().ok()? })
    });
    user.context(
        "以 root 运行需要系统用户 postgres / running as root needs the system user `postgres`",
    )
}

/// Every folder above the data must let the database's user pass.
pub fn reachable(dir: &Path) -> anyhow::Result<()> {
    for folder in dir.ancestors() {
        if fs::metadata(folder)?.mode() & 0o001 == 0 {
            bail!(
                "数据库用户无法进入 {0}：请用 --data-dir 换一个目录 / the database's user cannot enter {0}: choose another --data-dir (such as \
                 /var/lib/mutu) or `chmod o+x {0}`",
                folder.display()
            );
        }
    }
    Ok(())
}

/// A short folder for the socket: its whole path may not exceed what the kernel takes.
pub fn socket_dir(data: &Path, owner: Option<Owner>) -> anyhow::Result<PathBuf> {
    let digest = Sha256::digest(data.as_os_str().as_encoded_bytes());
    let tag = digest.iter().take(5).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let bases = if owner.is_some() {
        vec![PathBuf::from("/run")]
    } else {
        let own = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        own.into_iter().chain([std::env::temp_dir(), PathBuf::from("/tmp")]).collect()
    };
    let dir = bases
        .into_iter()
        .filter(|it| it.is_dir())
        .map(|it| it.join(format!("mutu-{tag}")))
        .find(|it| it.join(SOCKET).as_os_str().len() <= SOCKET_PATH_MAX)
        .context("没有可放套接字的短路径目录 / no folder with a short path for the socket: set XDG_RUNTIME_DIR")?;
    fs::create_dir_all(&dir).with_context(|| {
        format!("无法创建套接字目录 / cannot create the socket folder {}", dir.display())
    })?;
    if let Some(owner) = owner {
        std::os::unix::fs::chown(&dir, Some(owner.uid), Some(owner.gid))?;
    } else if fs::metadata(&dir)?.uid() != fs::metadata("/proc/self")?.uid() {
        bail!(
            "{0} 属于其他用户 / {0} belongs to another user: remove it or set XDG_RUNTIME_DIR",
            dir.display()
        );
    }
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700))?;
    Ok(dir)
}
