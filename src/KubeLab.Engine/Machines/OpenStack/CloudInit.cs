using System.Text;

namespace KubeLab.Engine.Machines.OpenStack;

/// <summary>What a machine is told at its first boot (cloud-init, cc_users_groups and cc_ssh): a login that the lab's key opens, and the host key we know it by.</summary>
internal static class CloudInit
{
    /// <summary>The login, whatever the image's own is.</summary>
    public const string User = "kubelab";

    /// <summary>The user_data, as Nova takes it: base64. It holds the host's private key.</summary>
    /// <param name="machine">The machine's name.</param>
    /// <param name="publicKey">The lab's, as a line of authorized_keys.</param>
    /// <param name="hostKey">Private, in OpenSSH's format.</param>
    /// <param name="hostPublicKey">Public, as in "ssh-ed25519 AAAA...".</param>
    public static string UserData(string machine, string publicKey, string hostKey, string hostPublicKey) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""
            #cloud-config
            hostname: {{machine}}
            manage_etc_hosts: true
            users:
              - default
              - name: {{User}}
                gecos: KubeLab
                shell: /bin/bash
                lock_passwd: true
                sudo: "ALL=(ALL) NOPASSWD:ALL"
                ssh_authorized_keys:
                  - {{publicKey}}
            ssh_deletekeys: true
            ssh_keys:
              ed25519_public: {{hostPublicKey}} {{machine}}
              ed25519_private: |
            {{string.Concat(hostKey.TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"))}}
            """));
}
