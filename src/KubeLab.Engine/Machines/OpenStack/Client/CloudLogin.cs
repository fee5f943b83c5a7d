using System.Net;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A user or project, by ID, or by name within a domain.</summary>
/// <param name="Id">The ID. The other values are then not needed.</param>
/// <param name="Name">The name.</param>
/// <param name="DomainId">The ID of the domain.</param>
/// <param name="DomainName">The name of the domain.</param>
public sealed record CloudIdentity(string? Id, string? Name, string? DomainId = null, string? DomainName = null)
{
    /// <summary>The name, or the ID if the name is null.</summary>
    public override string ToString() => Name ?? Id ?? "";
}

/// <summary>Credentials for Keystone. Secrets are stored in a <see cref="NetworkCredential"/>, so that ToString does not show them.</summary>
public abstract record CloudLogin;

/// <summary>User and password (v3password).</summary>
/// <param name="User">The user.</param>
/// <param name="Secret">The password. Null: not configured.</param>
public sealed record PasswordLogin(CloudIdentity User, NetworkCredential? Secret) : CloudLogin;

/// <summary>An application credential (v3applicationcredential). It determines the project.</summary>
/// <param name="Id">The ID, or null if name and user are given.</param>
/// <param name="Name">The name.</param>
/// <param name="User">The user who owns it, if identified by name.</param>
/// <param name="Secret">The secret.</param>
public sealed record ApplicationCredentialLogin(string? Id, string? Name, CloudIdentity? User, NetworkCredential Secret) : CloudLogin;

/// <summary>A token from another tool (v3token). It cannot be renewed.</summary>
/// <param name="Secret">The token.</param>
public sealed record TokenLogin(NetworkCredential Secret) : CloudLogin;
