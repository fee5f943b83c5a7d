using System.Management.Automation;
using System.Reflection;

namespace KubeLab.Pipeline;

/// <summary>Common parameters that ask questions nobody wants to be asked.</summary>
internal static class Quiet
{
    /// <summary>Makes -Debug show debug lines and nothing else.</summary>
    /// <remarks>PowerShell 7.6 takes -Debug for -WarningAction Inquire and -ErrorAction Inquire, too: a script would stop at a question, or fail, after a change.
    /// There is no public way to say otherwise; where these properties are gone one day, PowerShell's own meaning is left.</remarks>
    public static void Debug(PSCmdlet cmdlet)
    {
        if (!cmdlet.MyInvocation.BoundParameters.TryGetValue("Debug", out var given) || given is not SwitchParameter { IsPresent: true })
            return;
        Set("DebugPreference", ActionPreference.Continue);
        Set("Debug", false);

        void Set(string name, object value) =>
            cmdlet.CommandRuntime.GetType().GetProperty(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.SetValue(cmdlet.CommandRuntime, value);
    }
}
