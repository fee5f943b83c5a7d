using System.Collections;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>Creates or updates a Secret.</summary>
/// <remarks>Messages never contain its values. A PSCredential is stored under the keys username and password.</remarks>
/// <example>Read a value without showing it
/// <code>New-KlSecret api -Data @{ token = Read-Host -AsSecureString }</code></example>
/// <example>Store a user name and password
/// <code>New-KlSecret database -Credential (Get-Credential wiki)</code></example>
[Cmdlet(VerbsCommon.New, "KlSecret", SupportsShouldProcess = true, DefaultParameterSetName = "Data")]
[OutputType(typeof(KlResource))]
public sealed class NewKlSecret : ObjectCmdlet
{
    // PowerShell's parameter binder needs the setters.
#pragma warning disable CA2227
    /// <summary>The data: key = string, number, Boolean, date, SecureString or bytes. Other values are rejected.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Data")]
    [HashtableText(Hidden = true)]
    public IDictionary Data { get; set; } = new Hashtable();
#pragma warning restore CA2227

    /// <summary>A user name and password.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Credential")]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary>The namespace. Default: the context's namespace.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.NullIfEmpty(value); }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var given = ParameterSetName == "Data" ? Data : new Hashtable { ["username"] = Credential.UserName, ["password"] = Credential.Password };
        var data = new JsonObject();
        foreach (DictionaryEntry entry in given)
            data[(string)entry.Key] = Convert.ToBase64String(Bytes(entry.Value));
        Apply("Secret", Namespace, new JsonObject { ["type"] = ParameterSetName == "Data" ? "Opaque" : "kubernetes.io/basic-auth", ["data"] = data });
    }

    private static byte[] Bytes(object? value)
    {
        if (value is not SecureString hidden)
            return value as byte[] ?? Encoding.UTF8.GetBytes((string?)value ?? "");
        var shown = Marshal.SecureStringToGlobalAllocUnicode(hidden);
        try
        {
            return Encoding.UTF8.GetBytes(Marshal.PtrToStringUni(shown)!);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(shown);
        }
    }
}
