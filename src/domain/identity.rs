//! Who a set of credentials is, as the cloud's STS says.

/// The answer of STS GetCallerIdentity: the account that would be billed.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
/// <https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-getcalleridentity>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The cloud account's id: 12 digits at AWS, 16 at Alibaba Cloud.
    pub account_id: String,
    /// The full name of the user or role.
    pub arn: String,
    /// The id of the user or the assumed role's session.
    pub user_id: String,
}
