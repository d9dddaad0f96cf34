//! A run's talk with the server, for callers without async code.

use super::Secret;
use super::client::{Client, Clock, Connection};
use super::doctor::Protection;
use super::error::ApiError;
use super::pulls::Api;
use super::since::Change;
use super::types::Pull;
use crate::gate::Approvals;
use crate::policy::Approvers;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// Real time.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs())
    }

    fn pause(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// The pull request as it is now.
#[derive(Clone, Debug)]
pub struct LivePull {
    /// Its number.
    pub number: u64,
    /// The tip of its branch.
    pub head: String,
    /// The branch it goes into.
    pub base_ref: String,
    pub(super) pull: Pull,
}

/// A connection with a token.
pub struct Session {
    pub(super) runtime: tokio::runtime::Runtime,
    pub(super) api: Api,
    pub(super) graphql: Option<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("api", &self.api).finish_non_exhaustive()
    }
}

impl Session {
    /// Sets up a connection; nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with address, certificates or proxy settings, and the next step.
    pub fn open(
        connection: &Connection,
        repository: &str,
        graphql_url: Option<&str>,
        token: &Secret,
        team_token: Option<&Secret>,
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| format!("cannot start the network: {e}"))?;
        // The client looks for a runtime when it is made.
        let (client, team_client) = {
            let _inside = runtime.enter();
            let team = team_token.map(|token| Client::new(connection, token)).transpose()?;
            (Client::new(connection, token)?, team)
        };
        let api = Api { client, team_client, root: format!("/repos/{repository}") };
        Ok(Session { runtime, api, graphql: graphql_url.map(str::to_owned) })
    }

    /// The pull request as it is now.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn pull(&self, number: u64) -> Result<LivePull, ApiError> {
        let pull = self.runtime.block_on(self.api.pull(number))?;
        let (head, base_ref) = (pull.head.sha.clone(), pull.base.name.clone());
        Ok(LivePull { number, head, base_ref, pull })
    }

    /// What protects a branch; `None` is the default branch.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn protection(&self, branch: Option<&str>) -> Result<Protection, ApiError> {
        self.runtime.block_on(self.api.protection(branch))
    }

    /// The tree of the point where a commit left `base`.
    ///
    /// # Errors
    /// When the server does not tell.
    pub fn began_at(&self, base: &str, commit: &str) -> Result<String, ApiError> {
        self.runtime.block_on(self.api.began_at(base, commit))
    }

    /// The newest commit of a branch.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn tip(&self, branch: &str) -> Result<String, ApiError> {
        self.runtime.block_on(self.api.tip(branch))
    }

    /// Who approved the change, and whether that is enough. `pushers` are known to have pushed.
    pub fn approvals(
        &self,
        live: &LivePull,
        change: &Change<'_>,
        pushers: &[u64],
        approvers: &Approvers,
    ) -> Approvals {
        self.runtime.block_on(self.api.approvals(live.number, &live.pull, change, pushers, approvers))
    }

    /// The pull requests that landed in `branch` with a commit.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn merged_by(&self, commit: &str, branch: &str) -> Result<Vec<u64>, ApiError> {
        let pulls = self.runtime.block_on(self.api.merged_by(commit))?;
        let merged = pulls.into_iter().filter(|pull| pull.merged_at.is_some() && pull.base.name == branch);
        Ok(merged.map(|pull| pull.number).collect())
    }
}
