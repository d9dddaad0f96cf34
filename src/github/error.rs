//! What can go wrong between us and the server.

use std::fmt;

/// Why a call failed. Holds no token: the client takes it out of whatever it passes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What was attempted, as "read the reviews".
    pub what: String,
    /// How it failed.
    pub kind: ErrorKind,
}

/// How a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server said no.
    Status {
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
        /// Single mistakes that it names.
        errors: Vec<String>,
        /// The permissions that would have done, as the server lists them.
        permissions: Option<String>,
        /// Too many requests: what waits, may pass.
        limited: bool,
    },
    /// No answer, or half of one.
    Network(String),
    /// An answer that cannot be understood.
    Malformed(String),
}

impl ApiError {
    pub(super) fn new(what: &str, kind: ErrorKind) -> Self {
        ApiError { what: what.to_owned(), kind }
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match &self.kind {
            ErrorKind::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// A write that may have been done although no success was seen.
    pub(super) fn may_have_happened(&self) -> bool {
        match &self.kind {
            ErrorKind::Status { status, .. } => *status >= 500,
            ErrorKind::Network(_) | ErrorKind::Malformed(_) => true,
        }
    }

    /// The token may not do this here, so similar calls will not pass either.
    pub(super) fn is_refusal(&self) -> bool {
        match &self.kind {
            ErrorKind::Status { status, .. } => matches!(status, 401 | 403 | 404 | 410 | 429),
            _ => false,
        }
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {}: ", self.what)?;
        match &self.kind {
            ErrorKind::Status { status, message, errors, permissions, limited } => {
                write!(f, "the server answered {status}, `{message}`")?;
                if !errors.is_empty() {
                    write!(f, " ({})", errors.join("; "))?;
                }
                let next = match (status, limited) {
                    (401, _) => "pass a token that is valid, such as `${{ github.token }}`",
                    (_, true) => "too many requests: run the job again later",
                    (403 | 404, _) => {
                        if let Some(permissions) = permissions {
                            return write!(
                                f,
                                "; give the job one of these permissions: `{permissions}` \
                                 (a fork's token stays read-only)"
                            );
                        }
                        "give the job the permissions that docs/github.md lists"
                    }
                    (410, _) => "this is switched off or deleted in the repository",
                    (422, _) => "the server does not take it",
                    (500.., _) => "run the job again",
                    _ => "see the server's words",
                };
                write!(f, "; {next}")
            }
            ErrorKind::Network(detail) => {
                write!(f, "{detail}; run the job again, or check proxy and `ca-file`")
            }
            ErrorKind::Malformed(detail) => {
                write!(f, "the answer makes no sense ({detail}); run the job again")
            }
        }
    }
}
