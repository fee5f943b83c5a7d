using System.Collections;
using System.Management.Automation;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using System.Text.Json.Nodes;
using KubeLab.Pipeline.Completion;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Resources;

/// <summary>
/// <para type="synopsis">Makes a Secret, or brings the one that is there to what is given.</para>
/// <para type="description">Its values are in no message. A PSCredential becomes the keys username and password.</para>
/// </summary>
/// <example>
/// <para>A value that is typed unseen</para>
/// <code>New-KlSecret api -Data @{ token = Read-Host -AsSecureString }</code>
/// </example>
/// <example>
/// <para>A user and password</para>
/// <code>New-KlSecret database -Credential (Get-Credential wiki)</code>
/// </example>
[Cmdlet(VerbsCommon.New, "KlSecret", SupportsShouldProcess = true, DefaultParameterSetName = "Data")]
[OutputType(typeof(KlResource))]
public sealed class NewKlSecret : ObjectCmdlet
{
    // PowerShell's binder sets parameters.
#pragma warning disable CA2227
    /// <summary><para type="description">Its data: key = text, number, boolean, date, SecureString or bytes. Any other value is refused.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Data")]
    [HashtableText(Hidden = true)]
    public IDictionary Data { get; set; } = new Hashtable();
#pragma warning restore CA2227

    /// <summary><para type="description">A user and password.</para></summary>
    [Parameter(Mandatory = true, ParameterSetName = "Credential")]
    public PSCredential Credential { get; set; } = PSCredential.Empty;

    /// <summary><para type="description">The namespace. Default: the context's.</para></summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ObjectNameCompleter))]
    [Alias("n")]
    public string? Namespace { get; set => field = NameCompletion.OrNone(value); }

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
