using System.Management.Automation;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace KubeLab.Pipeline;

/// <summary>Loads the engine and its dependencies from Module/Dependencies into a separate load context: Az.Aks, powershell-yaml and
/// Posh-SSH load other versions of the same assemblies into the process.</summary>
/// <remarks>docs: "Resolving PowerShell module assembly dependency conflicts", about_Modules.</remarks>
public sealed class Dependencies : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly ModuleLoadContext Context = new(Path.Combine(Path.GetDirectoryName(typeof(Dependencies).Assembly.Location)!, "Dependencies"));

    /// <summary>Called by Import-Module before it loads the cmdlets.</summary>
    public void OnImport() => AssemblyLoadContext.Default.Resolving += LoadEngine;

    /// <summary>Called by Remove-Module.</summary>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        Close();
        AssemblyLoadContext.Default.Resolving -= LoadEngine;
    }

    // Not inlined: the runtime loads the engine when it compiles this method.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Close()
    {
        WorkQueue.CancelAll();
        Engine.LabEngine.CloseAsync().AsTask().GetAwaiter().GetResult();
    }

    private static Assembly? LoadEngine(AssemblyLoadContext _, AssemblyName name) =>
        name.Name == "KubeLab.Engine" ? Context.LoadFromAssemblyName(name) : null;

    private sealed class ModuleLoadContext(string folder) : AssemblyLoadContext("KubeLab")
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            Path.Combine(folder, assemblyName.Name + ".dll") is var path && File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
