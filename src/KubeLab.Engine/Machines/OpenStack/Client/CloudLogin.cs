using System.Net;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A user or project, by id, or by name within a domain.</summary>
/// <param name="Id">Its id; the rest is not needed then.</param>
/// <param name="Name">Its name.</param>
/// <param name="DomainId">The domain of the name.</param>
/// <param name="DomainName">The same by name.</param>
public sealed record CloudIdentity(string? Id, string? Name, string? DomainId = null, string? DomainName = null)
{
    /// <summary>The name, or the id where there is none.</summary>
    public override string ToString() => Name ?? Id ?? "";
}

/// <summary>What Keystone is shown. Secrets are passwords of a <see cref="NetworkCredential"/>, which no text of these records holds.</summary>
public abstract record CloudLogin;

/// <summary>User and password (v3password).</summary>
/// <param name="User">Who.</param>
/// <param name="Secret">The password; null: none is configured.</param>
public sealed record PasswordLogin(CloudIdentity User, NetworkCredential? Secret) : CloudLogin;

/// <summary>An application credential (v3applicationcredential); it brings its project.</summary>
/// <param name="Id">Its id, or null where name and user are given.</param>
/// <param name="Name">Its name.</param>
/// <param name="User">Whose it is, for a name.</param>
/// <param name="Secret">Its secret.</param>
public sealed record ApplicationCredentialLogin(string? Id, string? Name, CloudIdentity? User, NetworkCredential Secret) : CloudLogin;

/// <summary>A token that another tool obtained (v3token). It cannot be renewed.</summary>
/// <param name="Secret">The token.</param>
public sealed record TokenLogin(NetworkCredential Secret) : CloudLogin;
