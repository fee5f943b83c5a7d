using System.Management.Automation;
using System.Reflection;

namespace KubeLab.Pipeline;

/// <summary>Changes the meaning of the common parameter -Debug.</summary>
internal static class DebugSwitch
{
    /// <summary>Makes -Debug show debug messages without prompting.</summary>
    /// <remarks>PowerShell 7.6 treats -Debug as -WarningAction Inquire and -ErrorAction Inquire too: a script would stop at a prompt or fail after a change.
    /// PowerShell has no public API to change this. If these properties no longer exist, PowerShell's default applies.</remarks>
    public static void DisablePrompts(PSCmdlet cmdlet)
    {
        if (!cmdlet.MyInvocation.BoundParameters.TryGetValue("Debug", out var given) || given is not SwitchParameter { IsPresent: true })
            return;
        Set("DebugPreference", ActionPreference.Continue);
        Set("Debug", false);

        void Set(string name, object value) =>
            cmdlet.CommandRuntime.GetType().GetProperty(name,
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)?.SetValue(cmdlet.CommandRuntime, value);
    }
}
